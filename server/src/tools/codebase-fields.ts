/** Decides how a codebase's state reads in the answers of tools: the same fields, in snake case, wherever one appears. */
import { z } from 'zod';
import { type CodebaseStatus, codebaseStates } from '../contract.ts';

export const codebaseFields = z.strictObject({
  name: z.string().describe("Write it as codebase_path, or as the first part of a file's path."),
  state: z
    .enum(codebaseStates)
    .describe(
      'Pending: never indexed, or still being opened after a start. Failed: see problem; the last published index keeps answering.',
    ),
  files: z.number().int().describe('Files in the published index.'),
  chunks: z.number().int().describe('Chunks in the published index.'),
  revision: z.string().optional().describe('Commit that the index was made from.'),
  indexed_at: z.string().optional().describe('When the published index was made.'),
  skipped: z
    .record(z.string(), z.number().int())
    .describe(
      'Files left out, counted by reason. A directory that is ignored or excluded counts once, whatever it holds.',
    ),
  progress: z
    .strictObject({
      files_done: z.number().int(),
      files_total: z.number().int(),
      chunks_done: z.number().int(),
      eta_seconds: z.number().optional(),
    })
    .optional()
    .describe('Present while indexing.'),
  problem: z.strictObject({ code: z.string(), message: z.string(), since: z.string() }).optional(),
});

/** One codebase's state as tools answer it. */
export function toCodebaseFields(status: CodebaseStatus): z.input<typeof codebaseFields> {
  const { progress } = status;
  return {
    name: status.name,
    state: status.state,
    files: status.files,
    chunks: status.chunks,
    ...(status.revision !== undefined && { revision: status.revision }),
    ...(status.indexedAt !== undefined && { indexed_at: status.indexedAt }),
    skipped: status.skipped,
    ...(progress !== undefined && {
      progress: {
        files_done: progress.filesDone,
        files_total: progress.filesTotal,
        chunks_done: progress.chunksDone,
        ...(progress.etaSeconds !== undefined && { eta_seconds: progress.etaSeconds }),
      },
    }),
    ...(status.problem !== undefined && { problem: status.problem }),
  };
}

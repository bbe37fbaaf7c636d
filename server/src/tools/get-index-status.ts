/** Decides `get_index_status`: what is indexed, how far running work is, and what went wrong. */
import { z } from 'zod';
import { CodeSageError } from '../errors.ts';
import { codebaseFields, toCodebaseFields } from './codebase-fields.ts';
import { anyCodebasePath, codebaseName } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';

export const getIndexStatus = defineTool({
  name: 'get_index_status',
  title: 'Index status',
  description: [
    'Show how each codebase is indexed: files, chunks, commit, age, running progress with an estimate of the time left, and problems.',
    'Use it when a search finds nothing or seems stale, or to follow an indexing run. To only learn which codebases exist use list_codebases.',
    'Example: {} or {"codebase_path": "shop"}',
  ].join(' '),
  input: z.strictObject({ codebase_path: anyCodebasePath }),
  output: z.strictObject({
    serving: z.boolean().describe('True: the index is open and can be searched.'),
    codebases: z.array(codebaseFields),
    index: z.strictObject({
      size_bytes: z.number().int(),
      format_version: z.number().int(),
      embedding: z.string(),
      problem: z.strictObject({ code: z.string(), message: z.string(), since: z.string() }).optional(),
    }),
    embedded_chunks: z.number().int().describe('Chunks embedded since the server started.'),
  }),
  annotations: readOnly,
  handle: async ({ codebase_path }, { engine, settings, signal }) => {
    await engine.opened?.(signal);
    const status = await engine.status();
    const wanted = codebaseName(codebase_path, settings.config);
    const codebases = status.codebases.filter((codebase) => wanted === '*' || codebase.name === wanted);
    if (wanted !== '*' && codebases.length === 0) {
      const known = status.codebases.map((codebase) => codebase.name).join(', ');
      throw new CodeSageError(
        'UnknownCodebase',
        `There is no codebase "${wanted}".`,
        `Write one of: ${known === '' ? '(none is configured)' : known}.`,
      );
    }
    const { index } = status;
    return {
      serving: engine.isServing(),
      codebases: codebases.map(toCodebaseFields),
      index: {
        size_bytes: index.sizeBytes,
        format_version: index.formatVersion,
        embedding: index.embedding,
        ...(index.problem !== undefined && { problem: index.problem }),
      },
      embedded_chunks: status.embeddedChunks,
    };
  },
});

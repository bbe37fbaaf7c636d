/** Decides `index_codebase`: brings one codebase's index up to date now, and waits only as long as the caller likes. */
import { z } from 'zod';
import { codebaseStates } from '../contract.ts';
import type { IndexOutcome, IndexProgress } from '../engine.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import { codebaseName, codebasePath } from './codebase-path.ts';
import { defineTool, type ToolContext } from './define.ts';

const hourMs = 3_600_000;

export const indexCodebase = defineTool({
  name: 'index_codebase',
  title: 'Index a codebase',
  description: [
    'Bring the search index of one codebase up to date now, instead of waiting for its next regular look.',
    'Use it after you changed files and want to search them at once. Not needed before a search: codebases are indexed by themselves.',
    'Only what changed is read again. If it takes longer than max_wait_seconds, it goes on in the background; get_index_status shows how far it is.',
    'It works on the codebases that this server was given (list_codebases), not on other directories.',
    'Example: {"path": "shop"}',
  ].join(' '),
  input: z.strictObject({
    path: codebasePath,
    full: z
      .boolean()
      .default(false)
      .describe('True: read and embed every file again. Slow; only for an index that seems wrong.'),
    max_wait_seconds: z
      .number()
      .min(0)
      .max(3600)
      .optional()
      .describe('Longest wait for the end. Default: 25, or until the end when the call asks for progress.'),
  }),
  output: z.strictObject({
    message: z.string(),
    codebase: z.string(),
    state: z.enum(codebaseStates).describe('Indexing: it goes on in the background.'),
    files_indexed: z.number().int().optional().describe('Files in the published index.'),
    files_added: z.number().int().optional(),
    files_changed: z.number().int().optional(),
    files_removed: z.number().int().optional(),
    chunks: z.number().int().optional(),
    chunks_embedded: z.number().int().optional().describe('0 when nothing had changed.'),
    skipped: z
      .record(z.string(), z.number().int())
      .optional()
      .describe(
        'Files left out, counted by reason. A directory that is ignored or excluded counts once, whatever it holds.',
      ),
    revision: z.string().optional(),
    seconds: z.number().optional(),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  timeoutMs: hourMs + 60_000,
  handle: async ({ path, full, max_wait_seconds }, context) => {
    const codebase = codebaseName(path, context.settings.config);
    const run = context.engine.indexCodebase(codebase, {
      full,
      signal: context.signal,
      ...(context.progress !== undefined && { onProgress: progressReporter(context.progress) }),
    });
    const seconds = max_wait_seconds ?? (context.progress === undefined ? 25 : hourMs / 1000);
    const outcome = await waitFor(run, seconds * 1000, context.signal);
    if (outcome === undefined) {
      run.catch((error) =>
        context.log.warn({ codebase, err: messageOf(error) }, 'Indexing that went on in the background failed'),
      );
      return stillIndexing(codebase);
    }
    return describeOutcome(outcome);
  },
});

function stillIndexing(codebase: string) {
  return {
    message: `Indexing of ${codebase} goes on in the background. Call get_index_status to see how far it is.`,
    codebase,
    state: 'Indexing' as const,
  };
}

function describeOutcome(outcome: IndexOutcome) {
  return {
    message: `Indexed ${outcome.files} files in ${outcome.seconds.toFixed(1)} seconds`,
    codebase: outcome.codebase,
    state: 'Ready' as const,
    files_indexed: outcome.files,
    files_added: outcome.filesAdded,
    files_changed: outcome.filesChanged,
    files_removed: outcome.filesRemoved,
    chunks: outcome.chunks,
    chunks_embedded: outcome.chunksEmbedded,
    skipped: outcome.skipped,
    ...(outcome.revision !== undefined && { revision: outcome.revision }),
    seconds: outcome.seconds,
  };
}

/** The run's outcome, or undefined when it takes longer than `ms`. */
async function waitFor<T>(run: Promise<T>, ms: number, signal: AbortSignal): Promise<T | undefined> {
  const { promise: over, resolve, reject } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  const onAbort = () => reject(new CodeSageError('Cancelled', 'The caller went away.', 'Call again.'));
  signal.addEventListener('abort', onAbort, { once: true });
  // The loser of the race must not become an unhandled rejection.
  run.catch(() => {});
  try {
    return await Promise.race([run, over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Progress values must rise, so steps that don't are dropped; a total is told once it is known. */
function progressReporter(report: NonNullable<ToolContext['progress']>): (progress: IndexProgress) => void {
  let last = -1;
  return ({ phase, filesDone, filesTotal, etaSeconds }) => {
    if (filesDone <= last) return;
    last = filesDone;
    const eta = etaSeconds === undefined ? '' : `, about ${Math.ceil(etaSeconds)} s left`;
    report({
      progress: filesDone,
      ...(filesTotal > 0 && { total: filesTotal }),
      message: `${phase}: ${filesDone} of ${filesTotal} files${eta}`,
    });
  };
}

/**
 * Decides how one process lets another one index: a request that stays open while the index is made, and is answered line
 * by line, first with progress, at last with the outcome or the reason why there is none.
 */
import type { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { z } from 'zod';
import { endpoints } from '../contract.ts';
import type { Engine } from '../engine.ts';
import { CodeSageError, messageOf } from '../errors.ts';

export const indexRequest = z.strictObject({ codebase: z.string().min(1), full: z.boolean().default(false) });

const progress = z.object({
  codebase: z.string(),
  phase: z.enum(['syncing', 'scanning', 'indexing', 'publishing', 'done']),
  filesDone: z.number(),
  filesTotal: z.number(),
  chunksDone: z.number(),
  etaSeconds: z.number().optional(),
});

const outcome = z.object({
  codebase: z.string(),
  files: z.number(),
  filesAdded: z.number(),
  filesChanged: z.number(),
  filesRemoved: z.number(),
  chunks: z.number(),
  chunksEmbedded: z.number(),
  skipped: z.record(z.string(), z.number()),
  revision: z.string().optional(),
  seconds: z.number(),
});

const fault = z.object({ code: z.string(), message: z.string(), remedy: z.string() });

/** One line of the answer. */
export const indexLine = z.union([z.object({ outcome }), z.object({ fault }), z.object({ progress })]);
export type IndexLine = z.infer<typeof indexLine>;

/** An empty line is sent this often, so that both ends learn when the other one is gone. */
const signOfLifeMs = 10_000;

/** Adds the route; who may call it is decided before. Indexing ends when the caller hangs up. */
export function registerIndexRoute(app: Hono, engine: Engine): void {
  app.post(endpoints.adminIndex, async (context) => {
    const body = indexRequest.safeParse(await context.req.json().catch(() => ({})));
    if (!body.success) return context.json({ error: z.prettifyError(body.error) }, 400);
    const { codebase, full } = body.data;
    context.header('Content-Type', 'application/x-ndjson');
    return stream(context, async (answer) => {
      const hungUp = new AbortController();
      answer.onAbort(() => hungUp.abort());
      const send = (line: IndexLine) => void answer.writeln(JSON.stringify(line)).catch(() => hungUp.abort());
      const timer = setInterval(() => void answer.writeln('').catch(() => hungUp.abort()), signOfLifeMs);
      try {
        const done = await engine.indexCodebase(codebase, {
          full,
          signal: hungUp.signal,
          onProgress: (step) => send({ progress: step }),
        });
        await answer.writeln(JSON.stringify({ outcome: done } satisfies IndexLine));
      } catch (error) {
        await answer.writeln(JSON.stringify({ fault: faultOf(error) } satisfies IndexLine)).catch(() => undefined);
      } finally {
        clearInterval(timer);
      }
    });
  });
}

function faultOf(error: unknown): z.infer<typeof fault> {
  if (error instanceof CodeSageError) return { code: error.code, message: error.message, remedy: error.remedy };
  return { code: 'Internal', message: messageOf(error), remedy: 'See the log of the indexer.' };
}

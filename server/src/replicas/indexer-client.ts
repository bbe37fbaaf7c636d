/** Decides how a process that only searches asks the indexer to index, and what it says when that one is away. */

import { endpoints } from '../contract.ts';
import type { IndexOutcome, IndexProgress } from '../engine.ts';
import { CodeSageError, type ErrorCode, messageOf } from '../errors.ts';
import { type IndexLine, indexLine } from '../http/index-route.ts';

export type IndexerClientOptions = {
  /** Root of the indexer's internal port; undefined: nobody said where it is. */
  url: string | undefined;
  /** The internal token as it is now. */
  readToken: () => string | undefined;
};

export type IndexRequestOptions = {
  full: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: IndexProgress) => void;
};

export type IndexerClient = {
  /** Resolves if the indexer can be asked now. @throws CodeSageError `IndexerUnavailable`. */
  check(): Promise<void>;
  /** Has one codebase indexed and waits for it. @throws CodeSageError `IndexerUnavailable`, and whatever the indexer says. */
  index(codebase: string, options: IndexRequestOptions): Promise<IndexOutcome>;
};

const whatGoesOn =
  'Searches go on with what is published, and the indexer looks for changes by itself at its intervals.';

/** Makes a client; nothing is connected before the first request. */
export function createIndexerClient({ url, readToken }: IndexerClientOptions): IndexerClient {
  async function ask(path: string, init: RequestInit): Promise<Response> {
    if (url === undefined) {
      throw new CodeSageError(
        'IndexerUnavailable',
        'This server only searches, and was not told where its indexer is.',
        'Set replication.indexerURL to the internal port of the indexer, or ask the indexer itself.',
      );
    }
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${readToken()?.trim() ?? ''}` };
    const response = await fetch(new URL(path, url), { ...init, headers });
    if (!response.ok) throw refused(response.status, await response.text());
    return response;
  }
  return {
    check: async () => {
      const signal = AbortSignal.timeout(checkMs);
      const response = await ask(endpoints.adminStatus, { signal }).catch(explain);
      await response.body?.cancel();
    },
    async index(codebase, { full, signal, onProgress }) {
      try {
        const body = JSON.stringify({ codebase, full });
        const response = await ask(endpoints.adminIndex, { method: 'POST', body, signal: signal ?? null });
        return await lastLine(response, onProgress);
      } catch (error) {
        if (signal?.aborted) throw cancelled(codebase, error);
        return explain(error);
      }
    },
  };
}

const checkMs = 5000;

function explain(error: unknown): never {
  if (error instanceof CodeSageError) throw error;
  throw unavailable(`The indexer does not answer: ${causeOf(error)}.`, 'Try again when it is back.', error);
}

function unavailable(message: string, remedy: string, cause?: unknown): CodeSageError {
  return new CodeSageError('IndexerUnavailable', message, `${remedy} ${whatGoesOn}`, { cause });
}

function refused(status: number, text: string): CodeSageError {
  if (status === 401 || status === 503) {
    return unavailable(
      'The indexer does not accept the internal token of this server.',
      'Give both the same internal token file.',
    );
  }
  return unavailable(`The indexer answered ${status}: ${text.slice(0, 200)}`, 'See that both have the same version.');
}

function cancelled(codebase: string, cause: unknown): CodeSageError {
  const remedy = 'Ask again; finished files are kept.';
  return new CodeSageError('Cancelled', `Indexing of "${codebase}" was stopped.`, remedy, { cause });
}

/** What fetch says is "fetch failed"; the reason is behind it. */
function causeOf(error: unknown): string {
  return messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}

async function lastLine(
  response: Response,
  onProgress: ((progress: IndexProgress) => void) | undefined,
): Promise<IndexOutcome> {
  for await (const line of linesOf(response)) {
    if ('outcome' in line) return withoutUndefined(line.outcome);
    // Codes are closed; one that a newer indexer has is still a code.
    if ('fault' in line) throw new CodeSageError(line.fault.code as ErrorCode, line.fault.message, line.fault.remedy);
    onProgress?.(withoutUndefined(line.progress));
  }
  throw unavailable(
    'The indexer ended in the middle of the work.',
    'Try again when it is back; finished files are kept.',
  );
}

async function* linesOf(response: Response): AsyncGenerator<IndexLine> {
  let rest = '';
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield indexLine.parse(JSON.parse(line));
  }
}

/** Absent and undefined are two things to the types of the engine. */
function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;
}

/** Decides how exact and regular-expression search runs: ripgrep over the published texts, in linear time whatever the pattern. */
import { setImmediate } from 'node:timers/promises';
import type { ExactSearchAnswer, ExactSearchRequest } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import {
  type ExactSearch,
  type ExactSearchContext,
  listHits,
  type PublishedCodebase,
  placesOnly,
  runInto,
} from './exact-run.ts';
import { compileFileFilter } from './file-selection.ts';
import type { Hit } from './hit-list.ts';
import { renderHits } from './match-lines.ts';
import { countAcrossLines, matchAcrossLines } from './multiline.ts';
import { comparePaths, type TextPack } from './text-pack.ts';

const defaultTimeoutMs = 10_000;
const maxPatternLength = 4096;
const mostContextLines = 100;

/**
 * Runs the search.
 * @throws CodeSageError `PatternInvalid`, `TimedOut`, `Cancelled`, `InvalidArgument`; TextsGoneError when packs are missing.
 */
export async function searchExact(
  request: ExactSearchRequest,
  context: ExactSearchContext,
): Promise<Omit<ExactSearchAnswer, 'version'>> {
  checkRequest(request);
  const startedAt = performance.now();
  const timeoutMs = context.timeoutMs ?? defaultTimeoutMs;
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([timeout, ...(context.signal === undefined ? [] : [context.signal])]);
  const filter = compileFileFilter({ ...request, includePatterns: request.includePatterns ?? [] });
  const search: ExactSearch = {
    request,
    codebases: context.codebases,
    directory: context.directory,
    accepts: filter ?? (() => true),
    wanted: (request.offset ?? 0) + request.limit + 1,
    stop,
  };
  try {
    const found = await (request.report === 'files' ? findFiles(search) : findMatches(search));
    return { ...found, tookMs: performance.now() - startedAt };
  } catch (error) {
    if (context.signal?.aborted)
      throw new CodeSageError('Cancelled', 'The search was cancelled.', 'Ask again.', { cause: error });
    if (timeout.aborted) throw tookTooLong(timeoutMs, error);
    throw error;
  }
}

function tookTooLong(timeoutMs: number, cause: unknown): CodeSageError {
  return new CodeSageError(
    'TimedOut',
    `The search took longer than ${timeoutMs / 1000} seconds.`,
    'Narrow it by codebase_path, file_types or globs, or make the pattern more specific: a repetition such as .{0,5000} is costly.',
    { cause },
  );
}

function checkRequest({ pattern, limit, offset = 0, contextLines, multiline }: ExactSearchRequest): void {
  const wrong =
    pattern === ''
      ? 'The pattern is empty.'
      : pattern.length > maxPatternLength
        ? `The pattern is longer than ${maxPatternLength} characters.`
        : pattern.includes('\0') || (pattern.includes('\n') && multiline !== true)
          ? 'The pattern has a line break or NUL; matches are within one line unless multiline is set.'
          : limit < 1 || offset < 0 || contextLines < 0 || contextLines > mostContextLines
            ? `limit must be 1 or more, offset 0 or more and contextLines 0 to ${mostContextLines}.`
            : undefined;
  if (wrong !== undefined) throw new CodeSageError('InvalidArgument', wrong, 'Correct it and search again.');
}

type Found = Omit<ExactSearchAnswer, 'version' | 'tookMs'>;

async function findFiles(search: ExactSearch): Promise<Found> {
  const { request, codebases } = search;
  const counts =
    request.multiline === true
      ? await countAcrossLines(search)
      : (await listHits(search, packsOf(codebases), 0)).counts;
  const ofText = new Map(codebases.flatMap(({ name, texts }) => texts.packs.map((pack) => [pack, name] as const)));
  const files = [...counts]
    .map(([text, matches]) => ({ codebase: ofText.get(text.pack) ?? '', path: text.path, matches }))
    .sort((a, b) => comparePaths(a.codebase, b.codebase) || comparePaths(a.path, b.path));
  const start = request.offset ?? 0;
  return {
    matches: [],
    files: files.slice(start, start + request.limit),
    totals: { files: files.length, matches: files.reduce((sum, { matches }) => sum + matches, 0) },
    truncated: files.length > start + request.limit,
  };
}

async function findMatches(search: ExactSearch): Promise<Found> {
  const { request, wanted } = search;
  const start = request.offset ?? 0;
  const page = <T>(all: readonly T[]) => all.slice(start, start + request.limit);
  if (request.multiline === true) {
    const all = await matchAcrossLines(search);
    return { matches: page(all), files: [], truncated: all.length >= wanted };
  }
  const hits = await firstHits(search);
  const matches = await renderHits(search, page(hits));
  return { matches, files: [], truncated: hits.length >= wanted };
}

/**
 * Most searches want few of many matches: each pack is left after as many, and only a filter can make that too few. Then
 * columns wait until it is known which lines are shown: looking for each line's first match takes ten times as long.
 */
async function firstHits(search: ExactSearch): Promise<Hit[]> {
  const { codebases, wanted } = search;
  const hits = await listHits(search, packsOf(codebases), wanted, [...placesOnly, '--column', `--max-count=${wanted}`]);
  const again: TextPack[] = [];
  for (const pack of hits.takeUnfinished(wanted)) {
    if (hits.mayHaveHits(pack)) again.push(pack);
    await setImmediate();
  }
  await runInto(search, again, hits, placesOnly);
  return hits.first();
}

function packsOf(codebases: readonly PublishedCodebase[]): TextPack[] {
  return codebases.flatMap(({ texts }) => texts.packs);
}

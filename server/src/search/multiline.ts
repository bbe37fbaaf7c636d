/**
 * Decides how matches over several lines are found. In a pack such a match could run from one file into the next, so packs
 * only tell which files are worth a look; these are then searched one by one, as files of their own.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExactMatch } from '../engine.ts';
import {
  compareCodebaseTexts,
  type ExactSearch,
  listHits,
  matchingArguments,
  type PublishedCodebase,
} from './exact-run.ts';
import { contextOf, readPacked, shorten, TextLines } from './match-lines.ts';
import { eventsOf } from './rg-events.ts';
import { runRipgrep, TextsGoneError } from './ripgrep.ts';
import type { PackedText } from './text-pack.ts';

type Candidate = { codebase: PublishedCodebase; text: PackedText };

/** Files written out at once: bounds disk and memory, and lets a search end that has enough. */
const batchBytes = 8 * 1024 * 1024;
const batchFiles = 500;
/** A match of many lines is told as one line of JSON. */
const maxEventBytes = 8 * 1024 * 1024;
/** Such patterns ask where a file starts or ends, which packs do not know. */
const asksForFileEnds = /\\[Az]|\(\?[A-Za-z]*-[A-Za-z]*m/;

/** The first matches of files in order, at most as many as are wanted. */
export async function matchAcrossLines(search: ExactSearch): Promise<ExactMatch[]> {
  const found: ExactMatch[] = [];
  for await (const { directory, batch } of inBatches(search)) {
    found.push(...(await matchBatch(search, batch, directory, search.wanted - found.length)));
    if (found.length >= search.wanted) break;
  }
  return found.slice(0, search.wanted);
}

/** How many matches each file has. */
export async function countAcrossLines(search: ExactSearch): Promise<Map<PackedText, number>> {
  const counts = new Map<PackedText, number>();
  for await (const { directory, batch } of inBatches(search)) {
    await runRipgrep({
      args: [...matchingArguments(search.request), '--count-matches', '--with-filename'],
      pattern: search.request.pattern,
      directory,
      files: batch.map((_, i) => String(i)),
      stop: search.stop,
      take: (output) => {
        for (const [, file, count] of output.toString('latin1').matchAll(/^(\d+):(\d+)\r?$/gm)) {
          const candidate = batch[Number(file)];
          if (candidate !== undefined) counts.set(candidate.text, Number(count));
        }
        return true;
      },
    });
  }
  return counts;
}

/** Files that may match, in order, written out some at a time. */
async function* inBatches(search: ExactSearch): AsyncGenerator<{ directory: string; batch: Candidate[] }> {
  await mkdir(search.directory, { recursive: true, mode: 0o700 });
  const directory = await mkdtemp(join(search.directory, 'search-'));
  try {
    let batch: Candidate[] = [];
    let bytes = 0;
    for (const candidate of await candidatesOf(search)) {
      search.stop.throwIfAborted();
      const content = await readPacked(candidate.text, search.directory);
      await writeFile(join(directory, String(batch.length)), content, { mode: 0o600 }).catch((cause: unknown) => {
        throw new TextsGoneError(directory, { cause });
      });
      batch.push(candidate);
      bytes += content.length;
      if (bytes < batchBytes && batch.length < batchFiles) continue;
      yield { directory, batch };
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0) yield { directory, batch };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function candidatesOf(search: ExactSearch): Promise<Candidate[]> {
  const { codebases, accepts, request } = search;
  const packs = codebases.flatMap(({ texts }) => texts.packs);
  const touched = asksForFileEnds.test(request.pattern) ? undefined : (await listHits(search, packs, 0)).counts;
  return codebases
    .flatMap((codebase) =>
      [...codebase.texts.all()]
        .filter((text) => touched?.has(text) ?? accepts(text.path))
        .map((text) => ({ codebase, text })),
    )
    .sort(compareCodebaseTexts);
}

async function matchBatch(
  search: ExactSearch,
  batch: readonly Candidate[],
  directory: string,
  wanted: number,
): Promise<ExactMatch[]> {
  const found = batch.map((): Place[] => []);
  await runRipgrep({
    args: [...matchingArguments(search.request), '--json', `--max-count=${wanted}`],
    pattern: search.request.pattern,
    directory,
    files: batch.map((_, i) => String(i)),
    stop: search.stop,
    maxLineBytes: maxEventBytes,
    take: (output) => {
      for (const { file, places } of eventsOf(output)) found[Number(file)]?.push(...places);
      return true;
    },
  });
  const matches: ExactMatch[] = [];
  for (const [i, candidate] of batch.entries()) {
    const places = found[i] ?? [];
    if (places.length === 0 || matches.length >= wanted) continue;
    const lines = new TextLines(await readPacked(candidate.text, search.directory));
    const isMatch = new Set(places.map(({ line }) => line));
    for (const place of places.slice(0, wanted - matches.length))
      matches.push(render(candidate, place, lines, isMatch, search.request.contextLines));
  }
  return matches;
}

/** Where a match starts and ends; lines from 1, `column` in bytes from 1. */
export type Place = { line: number; endLine: number; column: number };

const mostLinesShown = 100;

function render(
  { codebase, text }: Candidate,
  { line, endLine, column }: Place,
  lines: TextLines,
  isMatch: ReadonlySet<number>,
  contextLines: number,
): ExactMatch {
  const first = lines.bytes(line) ?? Buffer.alloc(0);
  const before = first.subarray(0, column - 1).toString('utf8').length;
  const shownEnd = Math.min(endLine, line + mostLinesShown - 1);
  const content = [shorten(first.toString('utf8').replace(/\r$/, ''), before), ...lines.range(line + 1, shownEnd)];
  return {
    codebase: codebase.name,
    path: text.path,
    lineNumber: line,
    ...(endLine > line && { endLine }),
    column: before + 1,
    lineContent: content.join('\n'),
    ...contextOf(line, endLine, lines, isMatch, contextLines),
  };
}

/** Decides what the parts of an exact search share: the request, the packs, and the arguments that say what a match is. */
import type { ExactSearchRequest } from '../engine.ts';
import { HitList } from './hit-list.ts';
import type { TextSet } from './published-texts.ts';
import { runRipgrep } from './ripgrep.ts';
import { comparePaths, type PackedText, type TextPack } from './text-pack.ts';

/** A codebase with the texts of its published version. */
export type PublishedCodebase = { name: string; texts: TextSet };

export type ExactSearchContext = {
  codebases: readonly PublishedCodebase[];
  /** Holds the packs of all codebases. */
  directory: string;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
};

type PublishedText = { codebase: PublishedCodebase; text: PackedText };

/** The order of answers: by codebase, then by path. */
export function compareCodebaseTexts(a: PublishedText, b: PublishedText): number {
  return comparePaths(a.codebase.name, b.codebase.name) || comparePaths(a.text.path, b.text.path);
}

/** What the parts of one search share. */
export type ExactSearch = {
  request: ExactSearchRequest;
  codebases: readonly PublishedCodebase[];
  directory: string;
  /** Whether the request wants a path. */
  accepts: (path: string) => boolean;
  /** Hits of this page and those before it, and one more that tells whether there is a next page. */
  wanted: number;
  stop: AbortSignal;
};

/** ripgrep's arguments for what counts as a match. Pure. */
export function matchingArguments({ case: letters, regex, wholeWord, multiline }: ExactSearchRequest): string[] {
  const caseArgument = { sensitive: '--case-sensitive', insensitive: '--ignore-case', smart: '--smart-case' }[letters];
  return [
    caseArgument,
    ...(regex ? [] : ['--fixed-strings']),
    ...(wholeWord === true ? ['--word-regexp'] : []),
    ...(multiline === true ? ['--multiline'] : []),
  ];
}

/** One line of output a matching line, without its text: at most some 50 bytes, however long the line. */
export const placesOnly = ['--heading', '--with-filename', '--line-number', '--max-columns=1'];

/** The lines that match, over all of `packs`. */
export async function listHits(
  search: ExactSearch,
  packs: readonly TextPack[],
  wanted: number,
  places = placesOnly,
): Promise<HitList> {
  const hits = new HitList(search.codebases, wanted, search.accepts);
  await runInto(search, packs, hits, places);
  return hits;
}

/** The same, into a list that has some. */
export async function runInto(
  { request, directory, stop }: ExactSearch,
  packs: readonly TextPack[],
  hits: HitList,
  places: readonly string[],
): Promise<void> {
  await runRipgrep({
    args: [...matchingArguments(request), ...places],
    pattern: request.pattern,
    directory,
    files: packs.map(({ name }) => name),
    stop,
    take: (lines) => {
      hits.take(lines);
      return true;
    },
  });
}

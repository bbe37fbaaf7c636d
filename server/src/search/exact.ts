/** Decides how exact and regular-expression search runs: ripgrep over the checkout, with the index deciding which files count. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { rgPath } from '@vscode/ripgrep';
import { fileGlobsOf } from '../chunking/languages.ts';
import type { ExactMatch, ExactSearchAnswer, ExactSearchRequest } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { compileGlobs } from '../sources/path-filter.ts';
import { MatchCollector } from './rg-events.ts';

const defaultTimeoutMs = 10_000;
/** Bounds what a hostile pattern may cost: such patterns are refused instead of compiled. */
const regexSizeLimit = '10M';
const maxPatternLength = 4096;

export type ExactSearchContext = {
  root: string;
  /** True for files that are in the published index; all others are as if they were not there. */
  isIndexed: (path: string) => boolean;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
};

/** ripgrep's arguments. Its own ignore rules only spare work; `isIndexed` decides. Pure. */
export function ripgrepArguments(request: ExactSearchRequest): string[] {
  // ripgrep compares the case of types, whatever its other options say.
  const types = request.fileTypes
    .flatMap(fileGlobsOf)
    .map((glob) => glob.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`));
  return [
    '--json',
    '--no-config',
    '--no-messages',
    '--no-require-git',
    '--no-ignore-parent',
    '--no-ignore-global',
    '--no-ignore-dot',
    '--no-ignore-exclude',
    '--hidden',
    '--glob=!.git',
    '--no-follow',
    '--no-mmap',
    `--threads=2`,
    '--sort=path',
    `--regex-size-limit=${regexSizeLimit}`,
    `--dfa-size-limit=${regexSizeLimit}`,
    `--context=${request.contextLines}`,
    request.caseSensitive ? '--case-sensitive' : '--ignore-case',
    ...(request.regex ? [] : ['--fixed-strings']),
    ...types.map((glob) => `--type-add=wanted:${glob}`),
    ...(types.length > 0 ? ['--type=wanted'] : []),
    `--regexp=${request.pattern}`,
    '--',
    '.',
  ];
}

/**
 * Runs the search. Linear in the size of the code whatever the pattern.
 * @throws CodeSageError `PatternInvalid`, `TimedOut`, `Cancelled`, `InvalidArgument`.
 */
export async function searchExact(
  request: ExactSearchRequest,
  context: ExactSearchContext,
): Promise<ExactSearchAnswer> {
  checkRequest(request);
  const startedAt = performance.now();
  const excluded = compileGlobs(request.excludePatterns);
  const collector = new MatchCollector(request.limit, (path) => context.isIndexed(path) && !excluded(path));
  const timeoutMs = context.timeoutMs ?? defaultTimeoutMs;
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([timeout, ...(context.signal === undefined ? [] : [context.signal])]);
  const failure = await runRipgrep(ripgrepArguments(request), context.root, collector, stop);
  if (context.signal?.aborted) {
    throw new CodeSageError('Cancelled', 'The search was cancelled.', 'Ask again.', { cause: context.signal.reason });
  }
  if (timeout.aborted) {
    throw new CodeSageError(
      'TimedOut',
      `The search took longer than ${timeoutMs / 1000} seconds.`,
      'Narrow it by file types, or make the pattern more specific.',
    );
  }
  if (failure !== undefined) throw patternProblem(request.pattern, failure);
  const matches: ExactMatch[] = collector.matches();
  return { matches, truncated: collector.truncated, tookMs: performance.now() - startedAt };
}

function checkRequest({ pattern, limit, contextLines }: ExactSearchRequest): void {
  const wrong =
    pattern === ''
      ? 'The pattern is empty.'
      : pattern.length > maxPatternLength
        ? `The pattern is longer than ${maxPatternLength} characters.`
        : pattern.includes('\n') || pattern.includes('\0')
          ? 'The pattern has a line break; matches are within one line.'
          : limit < 1 || contextLines < 0 || contextLines > 100
            ? 'limit must be 1 or more and contextLines 0 to 100.'
            : undefined;
  if (wrong !== undefined) throw new CodeSageError('InvalidArgument', wrong, 'Correct it and search again.');
}

function patternProblem(pattern: string, stderr: string): CodeSageError {
  const reason = stderr.replace(/\s+/g, ' ').trim().slice(0, 400);
  return new CodeSageError(
    'PatternInvalid',
    `The pattern ${JSON.stringify(pattern.slice(0, 80))} is not a regular expression that can be searched: ${reason}`,
    'Correct it (Rust regex syntax: no look-around, no back-references), or search for literal text.',
  );
}

/** Feeds the collector until it has enough, the search ends or `stop` fires. Answers with ripgrep's complaint, if any. */
async function runRipgrep(
  args: string[],
  root: string,
  collector: MatchCollector,
  stop: AbortSignal,
): Promise<string | undefined> {
  const child = spawn(rgPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { LC_ALL: 'C' } });
  const end = () => child.kill('SIGKILL');
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => {
    if (stderr.length < 4096) stderr += data.toString('utf8');
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(cannotStart(error, root)));
    child.once('close', (code) => resolve(code));
  });
  // Rejections are awaited below; until then they must not count as unhandled.
  exited.catch(() => {});
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      collector.take(line);
      if (collector.isFull || stop.aborted) break;
    }
    if (collector.isFull) end();
    const code = await exited;
    // 0: matches, 1: none, 2: an error; a search that was stopped has a signal instead of a code.
    return code === 2 ? stderr || 'ripgrep failed' : undefined;
  } finally {
    stop.removeEventListener('abort', end);
    end();
  }
}

function cannotStart(error: Error, root: string): CodeSageError {
  if (!existsSync(root)) {
    return new CodeSageError(
      'PathNotFound',
      `The files of the codebase are not at ${root}.`,
      'Wait for the next sync, or mount them.',
    );
  }
  return new CodeSageError(
    'Internal',
    `ripgrep cannot be started: ${error.message}`,
    'Install the package @vscode/ripgrep.',
    {
      cause: error,
    },
  );
}

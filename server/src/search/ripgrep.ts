/** Decides how ripgrep is run: with bounded time, memory and number of processes, and with its output read as it comes. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { rgPath } from '@vscode/ripgrep';
import { CodeSageError } from '../errors.ts';

/** Bounds what a hostile pattern may cost: such patterns are refused instead of compiled. */
const sizeLimit = '10M';
/** Searches that may run at the same time; each has two threads. */
const mostProcesses = 4;
const threads = 2;
const stderrKept = 4096;
/** Output that is read before others get their turn on the event loop: some milliseconds. */
const bytesInOneGo = 256 * 1024;
const newline = 10;

/** A file that was to be searched is not there (any more). */
export class TextsGoneError extends Error {}

export type RipgrepRun = {
  /** What to search for and how to print it, without files. */
  args: readonly string[];
  pattern: string;
  directory: string;
  /** Relative to `directory`. */
  files: readonly string[];
  /** Searched instead of files. */
  input?: Buffer;
  /** Ends the run when it fires. */
  stop: AbortSignal;
  /** Takes bytes of the output, whole lines only, and says whether more is wanted. */
  take: (lines: Buffer) => boolean;
  /** Longest line that is waited for; 64 KiB when left out. */
  maxLineBytes?: number;
};

const fixedArguments = [
  '--no-config',
  '--no-ignore',
  '--hidden',
  '--text',
  '--encoding=none',
  '--crlf',
  '--color=never',
  '--no-mmap',
  `--threads=${threads}`,
  `--regex-size-limit=${sizeLimit}`,
  `--dfa-size-limit=${sizeLimit}`,
];

let running = 0;
const waiting: (() => void)[] = [];

async function takeTurn(stop: AbortSignal): Promise<void> {
  if (running < mostProcesses) {
    running++;
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const start = () => {
      stop.removeEventListener('abort', leave);
      resolve();
    };
    const leave = () => {
      waiting.splice(waiting.indexOf(start), 1);
      reject(stop.reason);
    };
    waiting.push(start);
    stop.addEventListener('abort', leave, { once: true });
  });
}

function endTurn(): void {
  const next = waiting.shift();
  if (next === undefined) running--;
  else next();
}

/**
 * Runs ripgrep once. Resolves when it has ended, was stopped, or when `take` wants no more.
 * @throws CodeSageError `PatternInvalid`, `Internal`; TextsGoneError when a file is missing; the signal's reason.
 */
export async function runRipgrep(run: RipgrepRun): Promise<void> {
  if (run.files.length === 0 && run.input === undefined) return;
  run.stop.throwIfAborted();
  await takeTurn(run.stop);
  try {
    const { code, stderr, ended } = await runProcess(run);
    run.stop.throwIfAborted();
    // 0: matches, 1: none, 2: an error, even beside matches.
    if (code === 2 && !ended) throw failureOf(run.pattern, stderr);
  } finally {
    endTurn();
  }
}

type Outcome = { code: number | null; stderr: string; ended: boolean };

function startProcess({ args, pattern, directory, files, input }: RipgrepRun): ChildProcessWithoutNullStreams {
  const searched = input === undefined ? files : ['-'];
  const child = spawn(rgPath, [...fixedArguments, ...args, `--regexp=${pattern}`, '--', ...searched], {
    cwd: directory,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { LC_ALL: 'C' },
  });
  // It may end before it has read all.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return child;
}

function runProcess(run: RipgrepRun): Promise<Outcome> {
  const child = startProcess(run);
  return new Promise((resolve, reject) => {
    let stderr = '';
    let failure: unknown;
    let ended = false;
    const end = () => {
      ended = true;
      child.kill('SIGKILL');
      // What is still in the pipe is of no interest.
      child.stdout.destroy();
    };
    run.stop.addEventListener('abort', end, { once: true });
    child.stderr.on('data', (data: Buffer) => {
      if (stderr.length < stderrKept) stderr += data.toString('utf8');
    });
    readOutput(child.stdout, run, (error) => {
      failure = error;
      end();
    });
    child.once('error', (error) => {
      failure = existsSync(run.directory) ? cannotStart(error) : new TextsGoneError(run.directory);
    });
    child.once('close', (code) => {
      run.stop.removeEventListener('abort', end);
      if (failure === undefined) resolve({ code, stderr, ended });
      else reject(failure);
    });
  });
}

/** Hands the output over in whole lines; calls `end` once no more is wanted, with the reason if that is a fault. */
function readOutput(stdout: Readable, { take, maxLineBytes = 64 * 1024 }: RipgrepRun, end: (fault?: unknown) => void) {
  const lines = new WholeLines(maxLineBytes);
  let hasEnded = false;
  let sinceBreath = 0;
  const finish = (fault?: unknown) => {
    hasEnded = true;
    end(fault);
  };
  stdout.on('data', (data: Buffer) => {
    if (hasEnded) return;
    sinceBreath += data.length;
    if (sinceBreath > bytesInOneGo) {
      sinceBreath = 0;
      stdout.pause();
      setImmediate(() => stdout.resume());
    }
    try {
      const whole = lines.add(data);
      if (whole !== undefined && !take(whole)) finish();
    } catch (error) {
      finish(error);
    }
  });
}

/** Cuts a stream at line ends. */
class WholeLines {
  readonly #maxBytes: number;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The whole lines known by now, the last newline included. */
  add(data: Buffer): Buffer | undefined {
    const last = data.lastIndexOf(newline);
    const head = last < 0 ? undefined : Buffer.concat([...this.#rest, data.subarray(0, last + 1)]);
    const tail = data.subarray(last + 1);
    this.#rest = head === undefined ? [...this.#rest, tail] : [tail];
    this.#restBytes = head === undefined ? this.#restBytes + tail.length : tail.length;
    if (this.#restBytes > this.#maxBytes) {
      throw new CodeSageError(
        'PatternInvalid',
        'The pattern matches a very large part of a file at once.',
        'Make it more specific, for example with a lazy repetition such as .*? instead of .*',
      );
    }
    return head;
  }
}

/** What ripgrep says is wrong, without its advice on flags that no caller can give. */
function reasonIn(stderr: string): string {
  const [told = ''] = stderr.split(/^(?:Consider enabling|To search|Hint:)/m);
  const reason = told.replace(/\s+/g, ' ').trim().slice(0, 400);
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

function failureOf(pattern: string, stderr: string): Error {
  if (/os error 2\)|No such file/.test(stderr)) return new TextsGoneError(stderr);
  const reason = reasonIn(stderr);
  if (/os error \d+\)/.test(stderr)) {
    return new CodeSageError('Internal', `ripgrep failed: ${reason}`, "Try again; if it stays, see the server's log.");
  }
  return new CodeSageError(
    'PatternInvalid',
    `The pattern ${JSON.stringify(pattern.slice(0, 80))} is not a regular expression that can be searched: ${reason}`,
    'Correct it (Rust regex syntax: no look-around, no back-references; line breaks need multiline), or search for literal text.',
  );
}

function cannotStart(error: Error): CodeSageError {
  const remedy = 'Install the package @vscode/ripgrep.';
  return new CodeSageError('Internal', `ripgrep cannot be started: ${error.message}`, remedy, { cause: error });
}

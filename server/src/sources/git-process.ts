/** Decides how a git process is started, watched and ended: in a group of its own, within its time and memory. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { CodeSageError } from '../errors.ts';

export type GitProcessOptions = {
  cwd?: string | undefined;
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
  /** What git reads from standard input. */
  input?: string | undefined;
  /** Bytes of memory of its own that the process may take; no limit when left out, and none where /proc does not tell. */
  maxMemoryBytes?: number | undefined;
};

/** Who ended a process before it was done: its time, its memory, the caller who went away, or `stop`. */
export type StoppedBy = 'time' | 'memory' | 'abort' | 'asked';
export type GitEnd = { code: number | null; stderr: string; stoppedBy?: StoppedBy };

/** Whoever starts one reads all of `stdout`, or stops it. */
export type GitProcess = {
  stdout: Readable;
  /** Settles once the process is gone. Rejects when git cannot be started. */
  ended: Promise<GitEnd>;
  /** Ends the process and its helpers. */
  stop(by?: StoppedBy): void;
};

const memoryLookMs = 250;
const keptOfStderr = 16_384;

/** Starts git without a shell. Nothing of the server's own environment is passed on but `env`. */
export function startGit(args: readonly string[], env: Record<string, string>, options: GitProcessOptions): GitProcess {
  const { cwd, timeoutSeconds, signal, input, maxMemoryBytes } = options;
  // A group of its own, so that git's helpers end with it.
  const child = spawn('git', args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let stderr = '';
  let stoppedBy: StoppedBy | undefined;
  const stop = (by: StoppedBy = 'asked') => {
    if (by === 'asked' && child.exitCode !== null) child.stdout.destroy();
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    stoppedBy ??= by;
    // Nobody reads on, and only what is read ends.
    if (by === 'asked') child.stdout.destroy();
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  };
  const onAbort = () => stop('abort');
  const timer = setTimeout(() => stop('time'), timeoutSeconds * 1000);
  const watch = maxMemoryBytes === undefined ? undefined : watchMemory(child.pid, maxMemoryBytes, () => stop('memory'));
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  child.stderr.on('data', (data: Buffer) => {
    stderr = (stderr + data.toString('utf8')).slice(-keptOfStderr);
  });
  const ended = new Promise<GitEnd>((resolve, reject) => {
    child.once('error', (error) => reject(missingGit(error)));
    child.once('close', (code) => resolve({ code, stderr, ...(stoppedBy !== undefined && { stoppedBy }) }));
  }).finally(() => {
    clearTimeout(timer);
    clearInterval(watch);
    signal?.removeEventListener('abort', onAbort);
  });
  // Who stops reading early may not wait for the end.
  ended.catch(() => undefined);
  return { stdout: child.stdout, ended, stop };
}

/** Calls `onTooMuch` when the process has more anonymous memory than that; mapped packs are no memory of its own. */
function watchMemory(pid: number | undefined, maxBytes: number, onTooMuch: () => void): NodeJS.Timeout {
  const look = async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kilobytes !== undefined && Number(kilobytes) * 1024 > maxBytes) onTooMuch();
  };
  return setInterval(() => void look(), memoryLookMs).unref();
}

function missingGit(error: Error): Error {
  if (!('code' in error) || error.code !== 'ENOENT') return error;
  return new CodeSageError(
    'GitFailed',
    'The program git cannot be started.',
    'Install git, or use a directory as source.',
    { cause: error },
  );
}

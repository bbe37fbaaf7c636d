/** Decides how programs are run: their output is kept for the error message, and what they start ends with them. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** A program that could not be run or did not end with 0; `output` holds the end of what it printed. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly output: string;
  constructor(command: string, ended: string, output: string, options?: ErrorOptions) {
    super(`${command}: ${ended}${output ? `\n${output}` : ''}`, options);
    this.output = output;
  }
}

export type RunOptions = {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Text for its standard input. */
  input?: string;
  /** File that receives all it prints, instead of memory. */
  log?: string;
  /** Called with every line of its standard error, e.g. to count progress. */
  onLine?: (line: string) => void;
  /** Milliseconds after which it is killed. */
  timeout?: number;
};

const tail = (text: string) => text.trimEnd().split('\n').slice(-20).join('\n');

/** Runs a program to its end and returns what it wrote to standard output. @throws CommandError */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const log = options.log === undefined ? undefined : openSync(options.log, 'a');
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    timeout: options.timeout,
    killSignal: 'SIGKILL',
    stdio: [options.input === undefined ? 'ignore' : 'pipe', log ?? 'pipe', log ?? 'pipe'],
  });
  if (log !== undefined) closeSync(log);
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-64_000);
    if (options.onLine) for (const line of text.split('\n')) if (line) options.onLine(line);
  });
  child.stdin?.on('error', () => {}).end(options.input);
  const name = [command, ...args.slice(0, 3)].join(' ');
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new CommandError(name, cause.message, '', { cause })));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else
        reject(
          new CommandError(
            name,
            `ended with ${code ?? signal}`,
            options.log ? `see ${options.log}` : tail(stderr || stdout),
          ),
        );
    });
  });
}

/** Whether the program answers to these arguments at all. */
export async function answers(command: string, args: string[]): Promise<string | undefined> {
  return run(command, args).catch(() => undefined);
}

/**
 * Starts a program that the kernel kills together with this process, however this one ends.
 * Its output goes to the file `log`.
 */
export function startTied(command: string, args: string[], log: string, options: SpawnOptions = {}): ChildProcess {
  const file = openSync(log, 'a');
  try {
    return spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], { ...options, stdio: ['ignore', file, file] });
  } finally {
    closeSync(file);
  }
}

/** Starts a program that outlives this process, in a session of its own so that no Ctrl-C reaches it. Returns its pid. */
export function startDetached(command: string, args: string[], log: string, options: SpawnOptions = {}): number {
  const file = openSync(log, 'a');
  try {
    const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', file, file] });
    child.on('error', () => {});
    child.unref();
    if (child.pid === undefined) throw new CommandError(command, 'could not be started', '');
    return child.pid;
  } finally {
    closeSync(file);
  }
}

/** Kills and waits until it is gone. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await gone;
}

/**
 * Asks until `probe` answers something, or fails with what was waited for.
 * @param timeout milliseconds
 */
export async function until<T>(
  what: string,
  timeout: number,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  every = 100,
): Promise<T> {
  const end = Date.now() + timeout;
  let cause: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not reached in ${timeout / 1000} s`, { cause });
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** Decides what the engine's tests stand on: temporary trees and repositories, engines in this process and in their own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { type CodebaseStatus, type ServerConfigInput, serverConfigSchema } from '../../../server/src/contract.ts';
import type { Engine, EngineStatus, IndexOutcome, IndexProgress, SearchAnswer } from '../../../server/src/engine.ts';
import { createEngine } from '../../../server/src/index/engine.ts';

export type LogLine = Record<string, unknown> & { level: number; message: string };
type Cleanup = () => unknown;

/** Things to undo after a test, last first. */
export class Cleanups {
  readonly #todo: Cleanup[] = [];
  add(cleanup: Cleanup): void {
    this.#todo.push(cleanup);
  }
  async run(): Promise<void> {
    for (const cleanup of this.#todo.splice(0).reverse()) await cleanup();
  }
  /** A directory that goes away with the test. */
  directory(): string {
    const path = mkdtempSync(join(tmpdir(), 'codesage-test-'));
    this.add(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }
}

export function writeTree(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

export function git(cwd: string, ...args: string[]): string {
  const settings = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'init.defaultBranch=main'];
  const env = { PATH: process.env.PATH, HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', [...settings, ...args], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/** A repository with one commit of these files. */
export function createRepository(root: string, files: Record<string, string>): string {
  git(root, 'init', '--quiet');
  return commit(root, files);
}

export function commit(root: string, files: Record<string, string>, message = 'Change'): string {
  writeTree(root, files);
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--allow-empty', '-m', message);
  return git(root, 'rev-parse', 'HEAD');
}

export type LocalEngine = { engine: Engine; logs: LogLine[] };

/** An engine in this process, stopped with the test. */
export function makeEngine(cleanups: Cleanups, dataDir: string, input: ServerConfigInput): LocalEngine {
  const logs: LogLine[] = [];
  const log = pino(
    { base: undefined, messageKey: 'message', level: 'debug' },
    { write: (line) => void logs.push(JSON.parse(line)) },
  );
  const engine = createEngine({ config: serverConfigSchema.parse(input), dataDir, log, clock: Date.now });
  cleanups.add(() => engine.stop());
  return { engine, logs };
}

/** Waits until `check` gives a value; fails with what it saw last. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The status of the one codebase once it is idle: ready or failed. */
export async function settled(engine: Pick<Engine, 'status'>): Promise<CodebaseStatus> {
  return eventually('the end of indexing', async () => {
    const [codebase] = (await engine.status()).codebases;
    return codebase !== undefined && (codebase.state === 'Ready' || codebase.state === 'Failed') ? codebase : undefined;
  });
}

export async function paths(engine: Pick<Engine, 'semanticSearch'>, query: string): Promise<string[]> {
  const { hits } = await engine.semanticSearch({ query, codebases: [], topK: 20 });
  return hits.map(({ path }) => path);
}

type Answer = { result?: unknown; error?: { code: string; message: string } };

/** An engine in a process of its own. */
export class EngineProcess {
  readonly logs: LogLine[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #progress: ((progress: IndexProgress) => void)[] = [];
  #next = 1;
  readonly #exited: Promise<void>;

  /** `wrap` puts the node command line into another, such as unshare. */
  constructor(cleanups: Cleanups, dataDir: string, config: ServerConfigInput, wrap = (command: string[]) => command) {
    const script = fileURLToPath(new URL('./engine-child.ts', import.meta.url));
    const [file = '', ...args] = wrap([process.execPath, script, JSON.stringify({ config, dataDir })]);
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.stdin?.on('error', () => {});
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
    cleanups.add(() => this.kill());
  }

  #take(line: string): void {
    const message = JSON.parse(line) as Answer & { id?: number; log?: LogLine; progress?: IndexProgress };
    if (message.log !== undefined) this.logs.push(message.log);
    const { progress } = message;
    if (progress !== undefined) for (const listener of this.#progress) listener(progress);
    if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
  }

  async #ask<T>(command: object): Promise<T> {
    const id = this.#next++;
    const gone = this.#exited.then((): Answer => ({ error: { code: 'Exited', message: 'the process ended' } }));
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
    const { result, error } = await Promise.race([answer, gone]);
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
    return result as T;
  }

  start = () => this.#ask<void>({ do: 'start' });
  stop = () => this.#ask<void>({ do: 'stop' });
  status = () => this.#ask<EngineStatus>({ do: 'status' });
  index = (codebase: string, full = false) => this.#ask<IndexOutcome>({ do: 'index', codebase, full });
  search = (query: string) => this.#ask<SearchAnswer>({ do: 'search', query });
  exec = (file: string, ...args: string[]) => this.#ask<string>({ do: 'exec', file, args });

  onProgress(listener: (progress: IndexProgress) => void): void {
    this.#progress.push(listener);
  }

  /** Ends the process at once, as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

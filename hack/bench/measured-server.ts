/** Decides how a benchmark talks to a server: the real one, started in a process of its own, by real MCP calls over HTTP. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerFacts } from './latency-server.ts';
import { type Figures, percentile } from './report.ts';
import { serverEnvironment, serverFlags } from './server-process.ts';

const readyWithinMs = 120 * 60_000;
const answerWithinMs = 60_000;

export class MeasuredServer {
  readonly #child: ChildProcess;
  #port = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(tree: string, dataDir: string, env: Record<string, string> = {}): Promise<MeasuredServer> {
    const server = new MeasuredServer(
      fork(join(import.meta.dirname, 'latency-server.ts'), [tree, dataDir], {
        execArgv: [...serverFlags],
        env: { ...process.env, ...serverEnvironment, ...env },
      }),
    );
    server.#port = (await server.#next()).port ?? 0;
    return server;
  }

  #next(): Promise<ServerFacts> {
    return new Promise((resolve, reject) => {
      this.#child.once('message', (facts: ServerFacts) => resolve(facts));
      this.#child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  watch(): void {
    this.#child.send('watch');
  }

  read(): Promise<ServerFacts> {
    const answer = this.#next();
    this.#child.send('read');
    return answer;
  }

  /** Result of a tool. @throws Error when it is an error. */
  async call(name: string, args: object, limitMs = answerWithinMs): Promise<Record<string, unknown>> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
      signal: AbortSignal.timeout(limitMs),
    });
    const { result, error } = (await response.json()) as {
      result?: { structuredContent?: Record<string, unknown>; isError?: boolean };
      error?: object;
    };
    if (result === undefined || result.isError === true) throw new Error(JSON.stringify(error ?? result));
    return result.structuredContent ?? {};
  }

  /** Waits until nothing is indexed any more and the index is published; returns its chunks. */
  async ready(): Promise<number> {
    const until = Date.now() + readyWithinMs;
    while (Date.now() < until) {
      const { codebases } = (await this.call('get_index_status', {})) as { codebases: Record<string, unknown>[] };
      const [first] = codebases;
      if (first?.state === 'Ready') return Number(first.chunks);
      if (first?.state === 'Failed') throw new Error(JSON.stringify(first));
      await sleep(1000);
    }
    throw new Error('the server was not ready in time');
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.send('stop');
    await ended;
  }
}

/** Milliseconds of each question, asked by so many callers at once. */
export async function ask(server: MeasuredServer, questions: readonly string[], callers: number): Promise<number[]> {
  const left = [...questions];
  const times: number[] = [];
  const caller = async () => {
    for (let query = left.pop(); query !== undefined; query = left.pop()) times.push(await timed(server, query));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return times;
}

export async function timed(server: MeasuredServer, query: string): Promise<number> {
  const startedAt = performance.now();
  await server.call('semantic_search_codebase', { query, top_k: 10 });
  return performance.now() - startedAt;
}

export const percentiles = (name: string, times: readonly number[]): Figures => ({
  [`${name}_p50_ms`]: percentile(times, 0.5),
  [`${name}_p95_ms`]: percentile(times, 0.95),
  [`${name}_p99_ms`]: percentile(times, 0.99),
});

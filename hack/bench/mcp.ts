/**
 * Decides what a tool call costs beyond HTTP and JSON: calls whose answers are known, to the real server, beside a bare
 * Hono echo, in turns of a few seconds. Usage: hack/bench/mcp [DIRECTORY] [--check].
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { repository } from '../cluster/cache.ts';
import { codebase } from './engine-run.ts';
import { type Figures, mean, percentile, printReport } from './report.ts';
import { freePort, ServedProcess } from './served-process.ts';
import { serverEnvironment, serverFlags } from './server-process.ts';

const connections = [1, 16, 64] as const;
const rounds = 3;
const seconds = Number(process.env.BENCH_MCP_SECONDS ?? 3);
const warmSeconds = 2;
/** Calls while memory is watched, and how many between two looks at it. */
const watchedCalls = Number(process.env.BENCH_MCP_CALLS ?? 200_000);
const looks = 20;
const readyWithinMs = 300_000;
const query = 'where is a request refused that comes too often';

const say = (text: string) => process.stderr.write(`… ${text}\n`);

/** What is called: one row of the table for each number of connections. */
type Subject = { name: string; server: ServedProcess; path: string; body: string };
type Measured = { calls: number; seconds: number; cpuSeconds: number; timesMs: number[] };

const toolCall = (name: string, args: object) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } });

async function callOnce({ server, path, body }: Subject): Promise<string> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  if (!response.ok || text.includes('"isError":true')) throw new Error(`${path} answered ${response.status}: ${text}`);
  return text;
}

/** Calls for some seconds, or so often. @throws Error when a call fails: refusals are fast, and would flatter. */
async function load(
  subject: Subject,
  count: number,
  limit: { duration: number } | { amount: number },
): Promise<Measured> {
  const { server, path, body } = subject;
  const timesMs: number[] = [];
  const before = server.cpuSeconds();
  const startedAt = performance.now();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const options: autocannon.Options = {
      url: `${server.url}${path}`,
      connections: count,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      ...limit,
    };
    const run = autocannon(options, (error, ended) => (error ? reject(error) : resolve(ended)));
    run.on('response', (_client, _status, _bytes, responseTime) => timesMs.push(responseTime));
  });
  if (result.errors + result.non2xx > 0 || timesMs.length === 0)
    throw new Error(
      `${subject.name}: ${result.errors} errors and ${result.non2xx} refusals in ${timesMs.length} calls`,
    );
  return {
    calls: timesMs.length,
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: server.cpuSeconds() - before,
    timesMs,
  };
}

async function serveTree(tree: string, dataDir: string): Promise<ServedProcess> {
  const [port, internalPort] = [await freePort(), await freePort()];
  const flags = ['--source', `${codebase}=${tree}`, '--data', dataDir, '--port', String(port)];
  const args = [...serverFlags, join(repository, 'server/bin/codesage.js'), 'serve', ...flags];
  return ServedProcess.start([...args, '--internal-port', String(internalPort)], port, serverEnvironment);
}

/** Waits until the tree is indexed and the search is answered from the cache. */
async function untilCached(status: Subject, search: Subject): Promise<void> {
  const until = Date.now() + readyWithinMs;
  while (Date.now() < until) {
    if ((await callOnce(status)).includes('"state":"Ready"') && (await callOnce(search)).includes('"cached":true'))
      return;
    await sleep(500);
  }
  throw new Error('the server was not ready in time');
}

async function measureShares(subjects: readonly Subject[]): Promise<Map<string, Measured[]>> {
  const measured = new Map<string, Measured[]>();
  for (let round = 0; round <= rounds; round += 1) {
    say(round === 0 ? 'warm up' : `round ${round} of ${rounds}`);
    for (const count of connections)
      for (const subject of subjects) {
        const result = await load(subject, count, { duration: round === 0 ? warmSeconds : seconds });
        const key = `${subject.name}/${count}`;
        if (round > 0) measured.set(key, [...(measured.get(key) ?? []), result]);
      }
  }
  return measured;
}

/** Resident memory at the ends of a long row of calls: the median of the first and of the last quarter of the looks. */
async function measureMemory(subject: Subject): Promise<Figures> {
  say(`${watchedCalls} calls`);
  const sizes: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    await load(subject, 16, { amount: Math.ceil(watchedCalls / looks) });
    sizes.push(subject.server.rssMb());
  }
  const [first, last] = [sizes.slice(0, looks / 4), sizes.slice(-looks / 4)].map((part) => percentile(part, 0.5));
  return { 'mcp.rss_mb': last ?? Number.NaN, 'mcp.rss_growth_mb': (last ?? Number.NaN) - (first ?? Number.NaN) };
}

const perSecond = (runs: readonly Measured[]) => mean(runs.map((run) => run.calls / run.seconds));
const cpuMicros = (runs: readonly Measured[]) => mean(runs.map((run) => (run.cpuSeconds / run.calls) * 1e6));

function rowOf(name: string, count: number, measured: Map<string, Measured[]>): (string | number)[] {
  const runs = measured.get(`${name}/${count}`) ?? [];
  const echo = measured.get(`${echoName}/${count}`) ?? [];
  const times = runs.flatMap((run) => run.timesMs);
  const share = perSecond(runs) / perSecond(echo);
  return [name, count, perSecond(runs), share, cpuMicros(runs), percentile(times, 0.5), percentile(times, 0.99)];
}

const echoName = 'bare Hono echo';
const searchName = 'semantic_search_codebase, cached';
const listName = 'list_codebases';
const sameName = 'bare Hono, the search’s answer';

/** The lowest share that a subject has of the echo's calls a second. */
function shareOf(name: string, rows: readonly (string | number)[][]): number {
  return Math.min(...rows.filter((row) => row[0] === name).map((row) => Number(row[3])));
}

async function measure(tree: string, folder: string): Promise<void> {
  const server = await serveTree(tree, join(folder, 'data'));
  const port = await freePort();
  const hono = await ServedProcess.start([join(import.meta.dirname, 'contenders/hono-echo.ts'), String(port)], port);
  try {
    const list: Subject = { name: listName, server, path: '/mcp', body: toolCall('list_codebases', {}) };
    const search = { ...list, name: searchName, body: toolCall('semantic_search_codebase', { query }) };
    const echo = { name: echoName, server: hono, path: '/echo', body: search.body };
    const same = { ...echo, name: sameName, path: '/answer' };
    await untilCached({ ...list, body: toolCall('get_index_status', {}) }, search);
    const answer = await callOnce(search);
    await fetch(`${hono.url}/answer`, { method: 'PUT', body: answer });
    const measured = await measureShares([echo, list, search, same]);
    const memory = await measureMemory(search);
    const rows = connections.flatMap((count) =>
      [echoName, listName, searchName, sameName].map((name) => rowOf(name, count, measured)),
    );
    const columns = ['', 'connections', 'calls/s', 'share of the echo', 'CPU µs a call', 'p50 ms', 'p99 ms'];
    const at16 = rows.filter((row) => row[1] === 16);
    const spread = (name: string) =>
      at16.filter((row) => row[0] === name).map((row) => Number(row[6]) / Number(row[5]));
    const figures = {
      'mcp.answer_bytes': Buffer.byteLength(answer),
      'mcp.echo_share': shareOf(searchName, rows),
      'mcp.list_echo_share': shareOf(listName, rows),
      'mcp.same_answer_share': shareOf(searchName, rows) / shareOf(sameName, rows),
      'mcp.p99_over_p50': Math.max(...spread(searchName), ...spread(listName)),
      ...memory,
    };
    printReport('mcp', figures, [{ name: 'mcp', columns, rows }]);
  } finally {
    await Promise.all([server.stop(), hono.stop()]);
  }
}

const folder = await mkdtemp(join(tmpdir(), 'codesage-bench-'));
try {
  const named = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
  await measure(named ?? join(repository, 'server', 'src'), folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}

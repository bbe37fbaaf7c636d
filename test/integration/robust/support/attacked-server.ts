/** Decides how the attacked server runs: the shipped command in a process of its own, over the codebases of a world. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type Dirent, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { llmProviderNames, type ServerConfigInput } from '../../../../server/src/contract.ts';
import { modernCall } from '../../../../server/src/testing/assemble.ts';
import { eventually } from '../../engine/harness.ts';
import { codesage } from '../../mcp/support/server-process.ts';
import { environmentCanary, urlCanary, type World } from './corpus.ts';
import { Inspector } from './inspector.ts';

export type Era = '2025' | '2026';
export type Json = Record<string, unknown>;
/** What one HTTP exchange gave. */
export type Exchange = { status: number; text: string; milliseconds: number };

export type AttackedServer = {
  mcp: URL;
  /** Posts a body as it is. */
  post: (body: string | Uint8Array, headers?: Record<string, string>) => Promise<Exchange>;
  /** One JSON-RPC request in the words of an era. */
  request: (method: string, params: Json, era: Era) => Promise<Exchange>;
  call: (tool: string, args: unknown, era: Era) => Promise<Exchange>;
  /** A gauge or counter of the server's own metrics, summed over its labels. */
  metric: (name: string) => Promise<number>;
  /** What the process holds, after garbage was collected. */
  holdings: () => Promise<Holdings>;
  isAlive: () => boolean;
  logs: () => string;
  stop: () => Promise<void>;
};

/** What would grow if calls left something behind. */
export type Holdings = {
  heapBytes: number;
  rssBytes: number;
  descriptors: number;
  children: number;
  temporaryFiles: number;
  dataFiles: number;
};

/** Longest that a client waits for any answer; a call that takes longer hangs. */
const patienceMs = 40_000;

export function worldConfig({ root, shop, neighbour }: World): ServerConfigInput {
  return {
    sources: [
      { name: 'shop', path: shop },
      { name: 'shop2', path: neighbour },
      { name: 'mirror', git: { url: shop, depth: 0, intervalSeconds: 86_400 } },
      { name: 'broken', git: { url: `http://bot:${urlCanary}@127.0.0.1:9/x.git`, intervalSeconds: 86_400 } },
      { name: 'gone', path: join(root, 'gone') },
    ],
    // Nobody listens there: a key or question that a test sends must not leave this machine.
    llm: llmConfig('http://127.0.0.1:9/v1'),
    // Small, so that full caches are not taken for a leak.
    cache: { embedding: 200, search: 50, file: 20, persistence: false },
  };
}

/** Providers that are all this one address; with a key for the first of them. */
export function llmConfig(baseURL: string, apiKeyFile?: string): ServerConfigInput['llm'] {
  const providers = llmProviderNames.map((name) => ({
    name,
    baseURL,
    ...(name === 'groq' && apiKeyFile !== undefined && { apiKeyFile }),
  }));
  return { providers, timeoutSeconds: 2, maxRetries: 1 };
}

/** Starts the server and waits until what can be indexed is. */
export async function startAttackedServer(world: World, extra: ServerConfigInput = {}): Promise<AttackedServer> {
  const config = join(world.root, 'config.yaml');
  writeFileSync(config, JSON.stringify({ ...worldConfig(world), ...extra }));
  const child = spawn(
    process.execPath,
    ['--inspect=127.0.0.1:0', codesage, 'serve', '--data', world.data, '--port', '0', '--internal-port', '0'],
    {
      env: {
        ...withoutModelKeys(process.env),
        CODESAGE_CONFIG: config,
        TMPDIR: world.temporary,
        HOME: world.temporary,
        // Compiled code is meant to stay.
        NODE_COMPILE_CACHE: join(world.root, 'compiled'),
        CODESAGE_TEST_SECRET: environmentCanary,
      },
      // A descriptor 0 that never ends: who reads /dev/stdin waits for ever.
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let logs = '';
  let ended = false;
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      ended = true;
      resolve();
    }),
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      logs += chunk.toString();
      // What was said long ago helps nobody.
      if (logs.length > 4_000_000) logs = logs.slice(-2_000_000);
    });
  }
  const started = await eventually('the start of the server', () => {
    if (ended) throw new Error(`the server ended:\n${logs}`);
    const line = logs.split('\n').find((text) => text.includes('CodeSage MCP Server is running'));
    const inspector = /Debugger listening on (ws:\S+)/.exec(logs)?.[1];
    return line === undefined || inspector === undefined
      ? undefined
      : { ...(JSON.parse(line) as { url: string; internalPort: number }), inspector };
  });
  const server = attackedServer(child, world, started, { logs: () => logs, isAlive: () => !ended, exited });
  await eventually(
    'all codebases to be indexed',
    async () => {
      if (ended) throw new Error(`the server ended:\n${logs}`);
      const { text } = await server.call('get_index_status', {}, '2025');
      const { result } = JSON.parse(text) as {
        result?: { structuredContent?: { codebases: { name: string; state: string }[] } };
      };
      const states = new Map(result?.structuredContent?.codebases.map(({ name, state }) => [name, state]));
      const isDone = ['shop', 'shop2', 'mirror'].every((name) => states.get(name) === 'Ready');
      return isDone && states.get('broken') === 'Failed' ? true : undefined;
    },
    90_000,
  );
  return server;
}

/** A developer's own keys are not for this. */
function withoutModelKeys(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.endsWith('_API_KEY')));
}

type Life = Pick<AttackedServer, 'logs' | 'isAlive'> & { exited: Promise<void> };
type Addresses = { url: string; internalPort: number; inspector: string };

function attackedServer(
  child: ChildProcess,
  world: World,
  { url, internalPort, inspector }: Addresses,
  { exited, isAlive, logs }: Life,
): AttackedServer {
  const mcp = new URL(url);
  async function exchange(body: string | Uint8Array, headers: Record<string, string>): Promise<Exchange> {
    const started = performance.now();
    const init = { method: 'POST', headers, body: body as string, signal: AbortSignal.timeout(patienceMs) };
    const response = await fetch(mcp, init).catch((reason: unknown) => {
      const life = isAlive() ? 'the server runs' : `the server ended (${child.exitCode}, ${child.signalCode})`;
      throw new Error(`no answer: ${life}\n${logs().slice(-3000)}`, { cause: reason });
    });
    return { status: response.status, text: await response.text(), milliseconds: performance.now() - started };
  }
  const request = (method: string, params: Json, era: Era) => {
    const modern = modernCall(method, params);
    return era === '2026'
      ? exchange(JSON.stringify(modern.body), { 'Content-Type': 'application/json', ...modern.headers })
      : exchange(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), { 'Content-Type': 'application/json' });
  };
  return {
    isAlive,
    logs,
    mcp,
    post: (body, headers = { 'Content-Type': 'application/json' }) => exchange(body, headers),
    request,
    call: (name, args, era) => request('tools/call', { name, arguments: args }, era),
    metric: async (name) => {
      const text = await (await fetch(`http://127.0.0.1:${internalPort}/metrics`)).text();
      const values = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    },
    holdings: () => holdingsOf(child.pid ?? 0, world, inspector),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function holdingsOf(pid: number, world: World, inspectorUrl: string): Promise<Holdings> {
  const inspector = await Inspector.connect(inspectorUrl);
  try {
    const heapBytes = await inspector.heapAfterCollection();
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const tasks = readdirSync(`/proc/${pid}/task`);
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return {
      heapBytes,
      rssBytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024,
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      children: children.length,
      temporaryFiles: countFiles(world.temporary),
      dataFiles: countFiles(world.data),
    };
  } finally {
    inspector.close();
  }
}

/** Files below a directory, where others come and go meanwhile. */
function countFiles(directory: string): number {
  let entries: Dirent[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    return 0;
  }
  return entries.reduce((sum, entry) => sum + (entry.isDirectory() ? countFiles(join(directory, entry.name)) : 1), 0);
}

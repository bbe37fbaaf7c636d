/** Decides how a test runs one indexer and several processes that search: the shipped command, over one data directory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServerConfigInput } from '../../../../server/src/contract.ts';
import { createRepository } from '../../engine/harness.ts';
import { codesage, eventually } from '../../mcp/support/server-process.ts';

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

/** One server that can be started again on the same ports. */
export type Server = {
  name: string;
  /** The MCP endpoint. */
  url: URL;
  port: number;
  /** The internal port's root. */
  internal: URL;
  child: () => ChildProcess;
  logs: () => string;
  /** Starts it and waits until it is ready. */
  start: () => Promise<void>;
  /** Sends a signal and waits for the end. */
  end: (signal?: NodeJS.Signals) => Promise<Exit>;
  /** Writes another configuration. */
  configure: (config: ServerConfigInput) => Promise<void>;
  isReady: () => Promise<boolean>;
};

export type Fleet = {
  root: string;
  data: string;
  /** Directory of the codebase `shop`. */
  shop: string;
  token: string;
  indexer: Server;
  searchers: readonly Server[];
  /** What the processes that search are configured as. */
  searchConfig: (more?: ServerConfigInput) => ServerConfigInput;
  indexerConfig: (more?: ServerConfigInput) => ServerConfigInput;
  stop: () => Promise<void>;
};

const token = 'internal-token-of-the-test';

/** Writes a codebase and prepares one indexer and `count` processes that search; none is started. */
export async function createFleet(count: number): Promise<Fleet> {
  const root = await mkdtemp(path.join(tmpdir(), 'codesage-replicas-'));
  const shop = path.join(root, 'shop');
  await writeShop(shop);
  const data = path.join(root, 'data');
  await mkdir(data);
  const tokenFile = path.join(root, 'token');
  await writeFile(tokenFile, token);
  const env = { CODESAGE_DATA_DIR: data, CODESAGE_INTERNAL_TOKEN_FILE: tokenFile };
  const indexer = await createServerProcess('indexer', root, env);
  const searchers = await Promise.all(
    Array.from({ length: count }, (_, i) => createServerProcess(`search-${i + 1}`, root, env)),
  );
  const lib = path.join(root, 'lib');
  await mkdir(lib);
  createRepository(lib, { 'lib.ts': 'export const lib = 1;\n' });
  const sources = [
    { name: 'shop', path: shop },
    { name: 'lib', git: { url: lib, depth: 0, intervalSeconds: 5 } },
  ];
  const indexerConfig = (more: ServerConfigInput = {}): ServerConfigInput => ({
    sources,
    replication: { role: 'Indexer', graceSeconds: 60 },
    ...more,
  });
  const searchConfig = (more: ServerConfigInput = {}): ServerConfigInput => ({
    sources,
    http: { drainSeconds: 2 },
    replication: {
      role: 'Search',
      indexerURL: indexer.internal.href,
      pollSeconds: 0.5,
      scratchDirectory: path.join(root, 'scratch'),
    },
    ...more,
  });
  await indexer.configure(indexerConfig());
  for (const one of searchers) await one.configure(searchConfig());
  const stop = async () => {
    await Promise.all([indexer, ...searchers].map((one) => one.end('SIGKILL')));
    await rm(root, { recursive: true, force: true });
  };
  return { root, data, shop, token, indexer, searchers, searchConfig, indexerConfig, stop };
}

async function writeShop(shop: string): Promise<void> {
  await mkdir(path.join(shop, 'src'), { recursive: true });
  await writeFile(
    path.join(shop, 'src/payment.ts'),
    '/** Tries a failed payment again, each time after a longer pause. */\nexport function retryPayment(attempt: number): number {\n  return 2 ** attempt * 100;\n}\n',
  );
  for (let i = 0; i < 40; i++) {
    const text = `import { retryPayment } from './payment.ts';\n\n/** Part ${i} of the shop. */\nexport function part${i}(): number {\n  return retryPayment(${i});\n}\n`;
    await writeFile(path.join(shop, `src/part${i}.ts`), text);
  }
}

async function createServerProcess(name: string, root: string, env: Record<string, string>): Promise<Server> {
  const [port, internalPort] = await Promise.all([freePort(), freePort()]);
  const configFile = path.join(root, `${name}.yaml`);
  const internal = new URL(`http://127.0.0.1:${internalPort}/`);
  let child: ChildProcess | undefined;
  let exited: Promise<Exit> = Promise.resolve({ code: 0, signal: null });
  let logs = '';
  const isReady = async () => (await fetch(new URL('/readyz', internal))).ok;
  const start = async () => {
    const ports = ['--port', String(port), '--internal-port', String(internalPort), '--host', '127.0.0.1'];
    const started = spawn(process.execPath, [codesage, 'serve', ...ports], {
      env: { ...process.env, ...env, CODESAGE_CONFIG: configFile },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => {
        logs += chunk.toString();
      });
    exited = new Promise((resolve) => started.once('exit', (code, signal) => resolve({ code, signal })));
    await eventually(isReady, `${name} to be ready`, () => logs);
  };
  return {
    name,
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    port,
    internal,
    child: () => {
      if (child === undefined) throw new Error(`${name} was never started`);
      return child;
    },
    logs: () => logs,
    start,
    end: (signal = 'SIGTERM') => {
      child?.kill(signal);
      return exited;
    },
    configure: (config) => writeFile(configFile, JSON.stringify(config)),
    isReady: () => isReady().catch(() => false),
  };
}

/** A port that is free now; nothing else of the test takes ports between this and its use. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

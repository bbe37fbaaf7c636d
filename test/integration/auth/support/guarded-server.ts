/** Decides how a test runs the real server with a configuration of its own over two codebases, one of which not everybody may see. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { stringify } from 'yaml';
import { adminStatusSchema, type ServerConfigInput } from '../../../../server/src/contract.ts';
import { modernCall } from '../../../../server/src/testing/assemble.ts';
import { codesage, eventually } from '../../mcp/support/server-process.ts';
import { freePort } from './provider-process.ts';

const internalToken = 'internal-token-of-the-test';

/** Codebases by name. A word of the secret one that no other has is `launchCode`. */
const codebases: Readonly<Record<string, Record<string, string>>> = {
  shop: {
    'src/pay.ts': [
      '/** Charges a card. */',
      'export function charge(amount: number): number {',
      '  return step(amount);',
      '}',
      '',
      'export function step(amount: number): number {',
      '  // TODO: cents',
      '  return amount;',
      '}',
      '',
    ].join('\n'),
    'README.md': '# Shop\n\nSells things.\n',
  },
  secret: {
    'src/launch.ts': [
      '/** Tells the launch code. */',
      'export function launchCode(amount: number): number {',
      '  return step(amount);',
      '}',
      '',
      'export function step(amount: number): number {',
      '  // TODO: ten',
      '  return amount;',
      '}',
      '',
    ].join('\n'),
    'README.md': '# Launch\n\nStarts things.\n',
  },
};

export type Workspace = {
  root: string;
  sources: NonNullable<ServerConfigInput['sources']>;
  remove: () => Promise<void>;
};

/** Writes the codebases, each a git repository with one commit. */
export async function createWorkspace(): Promise<Workspace> {
  const root = await mkdtemp(path.join(tmpdir(), 'codesage-auth-'));
  for (const [name, files] of Object.entries(codebases)) {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(root, name, file)), { recursive: true });
      await writeFile(path.join(root, name, file), text);
    }
    const git = (...args: string[]) => execFileSync('git', ['-C', path.join(root, name), ...args], { stdio: 'ignore' });
    git('init', '-q');
    git('add', '.');
    git('-c', 'user.name=Test', '-c', 'user.email=test@example.com', 'commit', '-q', '-m', `Begin ${name}`);
  }
  const sources = Object.keys(codebases).map((name) => ({ name, path: path.join(root, name) }));
  return { root, sources, remove: () => rm(root, { recursive: true, force: true }) };
}

export type GuardedServer = {
  child: ChildProcess;
  url: URL;
  internal: URL;
  logs: () => string;
  /** Lines of the log that are JSON, in their order. */
  lines: () => Record<string, unknown>[];
  configFile: string;
  stop: () => Promise<void>;
};

/** A port to serve on, known before the server starts: resource URLs name it. */
export async function choosePorts(): Promise<{ http: number; url: string }> {
  const http = await freePort();
  return { http, url: `http://127.0.0.1:${http}/mcp` };
}

/** Starts the shipped command with this configuration and waits until both codebases are indexed. */
export async function startGuarded(
  { root, sources }: Workspace,
  config: ServerConfigInput,
  { http }: { http: number },
): Promise<GuardedServer> {
  const configFile = path.join(root, 'config.yaml');
  const tokenFile = path.join(root, 'internal-token');
  const internalPort = await freePort();
  await writeFile(configFile, stringify({ sources, ...config }));
  await writeFile(tokenFile, internalToken);
  const child = spawn(process.execPath, [codesage, 'serve', '--host', '127.0.0.1'], {
    env: {
      ...process.env,
      CODESAGE_CONFIG: configFile,
      CODESAGE_DATA_DIR: path.join(root, 'data'),
      CODESAGE_HTTP_PORT: String(http),
      CODESAGE_INTERNAL_PORT: String(internalPort),
      CODESAGE_INTERNAL_TOKEN_FILE: tokenFile,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      log += text.toString();
    });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const internal = new URL(`http://127.0.0.1:${internalPort}`);
  await eventually(
    async () => {
      const headers = { Authorization: `Bearer ${internalToken}` };
      const response = await fetch(new URL('/admin/v1/status', internal), { headers });
      const status = adminStatusSchema.parse(await response.json());
      return status.codebases.length === sources.length && status.codebases.every(({ state }) => state === 'Ready');
    },
    'the codebases to be indexed',
    () => log,
  );
  return {
    child,
    url: new URL(`http://127.0.0.1:${http}/mcp`),
    internal,
    configFile,
    logs: () => log,
    lines: () => log.split('\n').flatMap(parsed),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function parsed(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line) as Record<string, unknown>];
  } catch {
    return [];
  }
}

/** Which era a request speaks. */
export type Era = '2025' | '2026';

/** One request as a client of the era makes it, with a token or without. */
export function ask(
  url: URL | string,
  { era, token, method, params = {} }: { era: Era; token?: string; method: string; params?: Record<string, unknown> },
): Promise<Response> {
  const modern = modernCall(method, params);
  const headers = {
    'Content-Type': 'application/json',
    ...(era === '2026' && modern.headers),
    ...(era === '2026' && typeof params.uri === 'string' && { 'Mcp-Name': params.uri }),
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  };
  const body = era === '2026' ? modern.body : { jsonrpc: '2.0', id: 1, method, params };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** The status of one tool call with this token. */
export async function statusWith(url: URL | string, token: string | undefined): Promise<number> {
  const response = await ask(url, {
    era: '2025',
    method: 'tools/call',
    params: { name: 'list_codebases' },
    ...(token !== undefined && { token }),
  });
  await response.body?.cancel();
  return response.status;
}

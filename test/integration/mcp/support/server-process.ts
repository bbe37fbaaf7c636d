/** Decides how a test runs the real server: the shipped command in a process of its own, on ports the system chose. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';

export const codesage = path.resolve(import.meta.dirname, '../../../../server/bin/codesage.js');

const files: Readonly<Record<string, string>> = {
  'src/payment.ts':
    '/** Tries a failed payment again, each time after a longer pause. */\nexport function retryPayment(attempt: number): number {\n  return 2 ** attempt * 100;\n}\n',
  'src/cart.ts':
    'export const cart: string[] = [];\n\nexport function addToCart(item: string): void {\n  cart.push(item);\n}\n',
  'README.md': '# Shop\n\nA shop that sells things.\n',
  '.env': 'PASSWORD=hunter2\n',
  '.gitignore': 'ignored.ts\n',
  'ignored.ts': 'export const ignoredThing = 1;\n',
};

/** A small codebase named `shop` and an empty data directory, removed together. */
export type Workspace = { source: string; data: string; remove: () => Promise<void> };

export async function createWorkspace(): Promise<Workspace> {
  const root = await mkdtemp(path.join(tmpdir(), 'codesage-mcp-'));
  const source = path.join(root, 'shop');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(source, name)), { recursive: true });
    await writeFile(path.join(source, name), text);
  }
  return { source, data: path.join(root, 'data'), remove: () => rm(root, { recursive: true, force: true }) };
}

/** Arguments that serve a workspace. */
export function serveArgs({ source, data }: Workspace): string[] {
  return ['serve', '--source', `shop=${source}`, '--data', data];
}

const startLine = z.object({
  message: z.literal('CodeSage MCP Server is running'),
  url: z.string(),
  internalPort: z.number(),
});

export type ServerProcess = {
  child: ChildProcess;
  /** The MCP endpoint. */
  url: URL;
  /** The internal port's root. */
  internal: URL;
  logs: () => string;
  /** Sends SIGTERM and waits for the end. */
  stop: () => Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

/** Starts the server and waits until it is ready and the codebase is indexed. */
export async function startServer(
  workspace: Workspace,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    [codesage, ...serveArgs(workspace), '--port', '0', '--internal-port', '0', ...args],
    {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const lines: string[] = [];
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  const started = new Promise<z.infer<typeof startLine>>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      lines.push(chunk.toString());
      for (const line of lines.join('').split('\n')) {
        const parsed = startLine.safeParse(parseJson(line));
        if (parsed.success) resolve(parsed.data);
      }
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    exited.then(({ code }) => reject(new Error(`the server ended with ${code}:\n${lines.join('')}`)));
  });
  const { url, internalPort } = await started;
  const internal = new URL(`http://127.0.0.1:${internalPort}`);
  await eventually(
    async () => (await fetch(new URL('/readyz', internal))).ok,
    'the server to be ready',
    () => lines.join(''),
  );
  await eventually(
    async () => (await stateOf(url)) === 'Ready',
    'the codebase to be indexed',
    () => lines.join(''),
  );
  const stop = () => {
    child.kill('SIGTERM');
    return exited;
  };
  return { child, url: new URL(url), internal, logs: () => lines.join(''), stop };
}

async function stateOf(url: string): Promise<string | undefined> {
  const response = await callTool(url, 'get_index_status');
  const { result } = (await response.json()) as {
    result?: { structuredContent?: { codebases?: { state: string }[] } };
  };
  return result?.structuredContent?.codebases?.[0]?.state;
}

/** One tool call as plainly as curl makes it. */
export function callTool(
  url: string | URL,
  name: string,
  args: Record<string, unknown> = {},
  init: RequestInit = {},
): Promise<Response> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } });
  return fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, ...init });
}

/** Waits until `condition` holds, at most 60 s. */
export async function eventually(
  condition: () => Promise<boolean>,
  what: string,
  detail: () => string = () => '',
): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (await condition().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited 60 s for ${what}\n${detail()}`);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

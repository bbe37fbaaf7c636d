/** Decides how the examples of docs/tools.md are made: every tool is called once, on a real server over the shop's repository. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Tool } from '../../server/src/tools/define.ts';
import type { ToolExample } from '../../server/src/tools/document.ts';
import { exampleCalls } from './calls.ts';
import { shopHistory } from './shop.ts';
import { shortened } from './shorten.ts';
import { type Places, steady } from './steady.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');

/** Calls every tool once. The same sources give the same texts. @throws Error naming tools whose example does not work. */
export async function runToolExamples(tools: readonly Tool[]): Promise<ReadonlyMap<string, ToolExample>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'codesage-examples-'));
  const provider = await startProvider();
  let server: ShopServer | undefined;
  try {
    const repository = await createShop(path.join(directory, 'shop'));
    server = await startServer(directory, repository, provider.url);
    return await callAll(tools, server, [
      [repository, 'https://git.example.com/shop.git'],
      [directory, '/app'],
      [provider.url, 'https://api.groq.com/openai/v1'],
    ]);
  } finally {
    await server?.stop();
    provider.server.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function callAll(tools: readonly Tool[], server: ShopServer, places: Places) {
  const examples = new Map<string, ToolExample>();
  const faults: string[] = [];
  for (const tool of tools) {
    const args = callOf(tool);
    const { isError, structuredContent, content } = await server.call(tool.name, args);
    if (isError === true) {
      faults.push(`${tool.name} ${JSON.stringify(args)}: ${content[0]?.text}`);
      continue;
    }
    const answer = steady(structuredContent, places);
    examples.set(tool.name, { brief: JSON.stringify(args), call: shortened(args), answer: shortened(answer) });
  }
  if (faults.length > 0)
    throw new Error(`Give these tools a call that works in hack/tool-examples/calls.ts:\n${faults.join('\n')}`);
  return examples;
}

/** What a tool is called with: its entry, or the first call that its own description gives. @throws Error without either. */
export function callOf({ name, description }: Pick<Tool, 'name' | 'description'>): Readonly<Record<string, unknown>> {
  const chosen = exampleCalls[name];
  if (chosen !== undefined) return chosen;
  const text = /Example: (\{.*?\})(?: or |$)/.exec(description)?.[1];
  if (text === undefined) throw new Error(`The description of ${name} ends with no "Example: {…}".`);
  return JSON.parse(text) as Record<string, unknown>;
}

/** A repository with the shop's history. Nothing of this machine's git settings gets into it, so its commit ids are always the same. */
async function createShop(directory: string): Promise<string> {
  await mkdir(directory);
  const git = (args: string[], env: Record<string, string> = {}) =>
    run('git', ['-c', 'core.autocrlf=false', '-c', 'init.defaultBranch=main', '-c', 'commit.gpgSign=false', ...args], {
      cwd: directory,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: directory,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        ...env,
      },
    });
  await git(['init', '--quiet', '--object-format=sha1']);
  for (const { message, author, date, tag, files } of shopHistory) {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
      await writeFile(path.join(directory, name), text, { mode: 0o644 });
    }
    const who = { NAME: author, EMAIL: `${author.toLowerCase()}@shop.example`, DATE: date };
    const env = Object.fromEntries(
      Object.entries(who).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    );
    await git(['add', '--all']);
    await git(['commit', '--quiet', '-m', message], env);
    if (tag !== undefined) await git(['tag', tag]);
  }
  return directory;
}

/** A provider of models that refuses every key, so that no example leaves this machine. */
async function startProvider(): Promise<{ server: Server; url: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(401, { 'Content-Type': 'application/json' });
    response.end('{"error":{"message":"Invalid API Key"}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/openai/v1` };
}

type Answer = { isError?: boolean; structuredContent: unknown; content: { text: string }[] };
type ShopServer = { call: (name: string, args: object) => Promise<Answer>; stop: () => Promise<void> };

/** Starts the server as it is shipped, and waits until the shop is indexed. */
async function startServer(directory: string, repository: string, provider: string): Promise<ShopServer> {
  const config = path.join(directory, 'config.json');
  const git = { url: repository, ref: 'main', depth: 0, intervalSeconds: 3600 };
  const llm = { providers: [{ name: 'groq', baseURL: provider }] };
  // What follows the machine elsewhere is fixed.
  const indexing = { concurrency: 1 };
  const memory = { maxMB: 2048 };
  await writeFile(config, JSON.stringify({ sources: [{ name: 'shop', git }], llm, indexing, memory }));
  const command = path.join(root, 'server/bin/codesage.js');
  const args = ['serve', '--data', path.join(directory, 'data'), '--port', '0', '--internal-port', '0'];
  const child = spawn(process.execPath, [command, ...args, '--host', '127.0.0.1'], {
    env: { PATH: process.env.PATH ?? '', HOME: directory, CODESAGE_CONFIG: config },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  try {
    const url = await addressOf(child);
    const call = (name: string, args: object) => request<Answer>(url, 'tools/call', { name, arguments: args });
    const { structuredContent } = await call('index_codebase', { path: 'shop', max_wait_seconds: 60 });
    if ((structuredContent as { state?: string } | undefined)?.state !== 'Ready')
      throw new Error('the shop was not indexed within a minute');
    await untilAtRest(url);
    return { call, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reads the log until the server tells its address. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('the server has no output');
    const lines: string[] = [];
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${lines.join('\n')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const url = /"url":"(http[^"]+)"/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

/** Waits until the server's own first look at the source is over. Lists of resources tell, and count as no call of a tool. */
async function untilAtRest(url: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const { resources } = await request<{ resources: { description: string }[] }>(url, 'resources/list', {});
    if (resources.every(({ description }) => description.includes('(Ready,'))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the shop was not at rest within a minute');
}

async function request<T>(url: string, method: string, params: object): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const { result, error } = (await response.json()) as { result?: T; error?: { message: string } };
  if (result === undefined) throw new Error(`${method}: ${error?.message ?? response.status}`);
  return result;
}

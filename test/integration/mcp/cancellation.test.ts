/** Decides whether a cancelled call ends its work, however a client of either era cancels, and whether nothing else is taken for that. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Stream } from 'node:stream';
import { Client as V2Client, StreamableHTTPClientTransport as V2HttpTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport as V2StdioTransport } from '@modelcontextprotocol/client/stdio';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as V1StdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as V1HttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  callTool,
  codesage,
  createWorkspace,
  eventually,
  type ServerProcess,
  serveArgs,
  startServer,
  type Workspace,
} from './support/server-process.ts';

const info = { name: 'codesage-test', version: '0' };
const call = { name: 'index_codebase', arguments: { path: 'shop', full: true, max_wait_seconds: 600 } };

let workspace: Workspace;
let server: ServerProcess;
let logs = () => server.logs();

beforeAll(async () => {
  workspace = await createWorkspace();
  const folder = path.join(workspace.source, 'generic');
  await mkdir(folder);
  for (let file = 0; file < 600; file += 1) {
    const functions = Array.from(
      { length: 30 },
      (_, index) =>
        `export function f${file}_${index}(value: number): number {\n  return value * ${index} + ${file};\n}\n`,
    );
    await writeFile(path.join(folder, `file${file}.ts`), functions.join('\n'));
  }
  server = await startServer(workspace);
});
afterAll(async () => {
  await server?.stop();
  await workspace?.remove();
});

const statusSchema = z.object({
  structuredContent: z.object({
    embedded_chunks: z.number(),
    codebases: z.array(z.object({ state: z.string(), chunks: z.number() })),
  }),
});

type Status = { embedded: number; state: string | undefined; chunks: number };

function toStatus(answer: unknown): Status {
  const { embedded_chunks: embedded, codebases } = statusSchema.parse(answer).structuredContent;
  return { embedded, state: codebases[0]?.state, chunks: codebases[0]?.chunks ?? 0 };
}

async function status(): Promise<Status> {
  const { result } = (await (await callTool(server.url, 'get_index_status')).json()) as { result: unknown };
  return toStatus(result);
}

const isIndexing = async (look = status) => (await look()).state === 'Indexing';

/** Calls that the audit log tells were cancelled. */
function cancelledCalls(): number {
  return logs()
    .split('\n')
    .filter((line) => line.includes('"tool":"index_codebase"') && line.includes('"Cancelled"')).length;
}

/** Starts a call that embeds every chunk again, cancels it while that goes on, and sees that it ends before all are done. */
async function proveThatWorkEnds(start: (signal: AbortSignal) => Promise<unknown>, look = status): Promise<void> {
  await eventually(async () => (await look()).state === 'Ready', 'the index to be at rest');
  const before = await look();
  const told = cancelledCalls();
  const controller = new AbortController();
  const ended = start(controller.signal).then(
    () => 'answered',
    () => 'cancelled',
  );
  await eventually(() => isIndexing(look), 'indexing to begin');
  controller.abort();
  expect(await ended).toBe('cancelled');
  await eventually(async () => cancelledCalls() === told + 1, 'the call to be told as cancelled', logs);
  await eventually(async () => !(await isIndexing(look)), 'indexing to end');
  const after = await look();
  expect(after.embedded - before.embedded).toBeLessThan(before.chunks);
  expect(after.chunks).toBe(before.chunks);
}

test.each([
  ['that waits for one answer', false],
  ['that follows progress', true],
])('[mcp.cancellation] the v1 SDK cancels a call %s, by a notification', async (_name, follows) => {
  const client = new V1Client(info);
  const faults: Error[] = [];
  client.onerror = (error) => void faults.push(error);
  await client.connect(new V1HttpTransport(server.url));
  await proveThatWorkEnds((signal) =>
    client.callTool(call, undefined, { signal, timeout: 600_000, ...(follows && { onprogress: () => {} }) }),
  );
  expect(faults).toEqual([]);
  await client.close();
});

test.each(['legacy', 'auto'] as const)('[mcp.cancellation] the v2 SDK in mode %s cancels a call', async (mode) => {
  const client = new V2Client(info, { versionNegotiation: { mode } });
  await client.connect(new V2HttpTransport(server.url));
  await proveThatWorkEnds((signal) => client.callTool(call, { signal, timeout: 600_000 }));
  await client.close();
});

test('[mcp.cancellation] a connection that closes cancels its call', async () => {
  await proveThatWorkEnds((signal) => callTool(server.url, call.name, call.arguments, { signal, ...post(1, call) }));
});

test('[mcp.cancellation] what another client cancels under the same number goes on', async () => {
  await eventually(async () => (await status()).state === 'Ready', 'the index to be at rest');
  const before = await status();
  const told = cancelledCalls();
  const [mine, other] = await Promise.all([initialize(), initialize()]);
  expect(mine).not.toBe(other);
  const answer = fetch(server.url, post(7, call, mine));
  await eventually(() => isIndexing(), 'indexing to begin');
  for (const session of [other, undefined]) {
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } };
    expect((await fetch(server.url, { ...post(0, call, session), body: JSON.stringify(cancel) })).status).toBe(202);
  }
  expect(await (await answer).json()).toMatchObject({ id: 7, result: { structuredContent: { state: 'Ready' } } });
  expect(cancelledCalls()).toBe(told);
  // So much would the cancelled ones have done.
  expect((await status()).embedded - before.embedded).toBe(before.chunks);
});

test('[mcp.cancellation] over stdio a client of either SDK cancels a call', { timeout: 180_000 }, async () => {
  // One data directory has one writer.
  await server.stop();
  const stdio = {
    command: process.execPath,
    args: [codesage, ...serveArgs(workspace), '--stdio'],
    stderr: 'pipe' as const,
  };
  const v1 = { client: new V1Client(info), transport: new V1StdioTransport(stdio) };
  const v2 = {
    client: new V2Client(info, { versionNegotiation: { mode: 'auto' } }),
    transport: new V2StdioTransport(stdio),
  };
  const follow = (stream: Stream | null) => {
    let text = '';
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    logs = () => text;
  };
  follow(v1.transport.stderr);
  await v1.client.connect(v1.transport);
  await proveThatWorkEnds(
    (signal) => v1.client.callTool(call, undefined, { signal, timeout: 600_000 }),
    async () => toStatus(await v1.client.callTool({ name: 'get_index_status', arguments: {} })),
  );
  await v1.client.close();
  follow(v2.transport.stderr);
  await v2.client.connect(v2.transport);
  expect(v2.client.getProtocolEra()).toBe('modern');
  await proveThatWorkEnds(
    (signal) => v2.client.callTool(call, { signal, timeout: 600_000 }),
    async () => toStatus(await v2.client.callTool({ name: 'get_index_status', arguments: {} })),
  );
  await v2.client.close();
});

function post(id: number, params: object, session?: string): RequestInit {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(session !== undefined && { 'Mcp-Session-Id': session }) },
    body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params }),
  };
}

async function initialize(): Promise<string> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize' });
  const response = await fetch(server.url, { ...post(1, {}), body });
  const session = response.headers.get('mcp-session-id');
  if (session === null) throw new Error('initialize named no session');
  return session;
}

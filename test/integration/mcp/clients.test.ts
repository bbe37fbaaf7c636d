/** Decides whether real clients of both SDKs and both eras can use the real server, over HTTP and over stdio. */
import { Client as V2Client, StreamableHTTPClientTransport as V2HttpTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport as V2StdioTransport } from '@modelcontextprotocol/client/stdio';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as V1StdioTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as V1HttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registry } from '../../../server/src/tools/registry.ts';
import {
  codesage,
  createWorkspace,
  eventually,
  type ServerProcess,
  serveArgs,
  startServer,
  type Workspace,
} from './support/server-process.ts';

const info = { name: 'codesage-test', version: '0' };
const toolNames = registry.map(({ name }) => name);

type AnyClient = {
  listTools: () => Promise<{ tools: { name: string }[] }>;
  callTool: (params: { name: string; arguments: Record<string, unknown> }) => Promise<{ [key: string]: unknown }>;
  close: () => Promise<void>;
};

async function proveUseful(client: AnyClient): Promise<void> {
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(toolNames);
  const isReady = async () => {
    const { structuredContent } = await client.callTool({ name: 'get_index_status', arguments: {} });
    return (structuredContent as { codebases: { state: string }[] }).codebases[0]?.state === 'Ready';
  };
  await eventually(isReady, 'the codebase to be indexed');
  const semantic = await client.callTool({
    name: 'semantic_search_codebase',
    arguments: { query: 'try a failed payment again', top_k: 2 },
  });
  expect(semantic.structuredContent).toMatchObject({
    results: [{ file_path: 'shop/src/payment.ts' }, expect.anything()],
  });
  const exact = await client.callTool({
    name: 'search_codebase',
    arguments: { codebase_path: 'shop', pattern: 'cart\\.push', file_types: ['ts'] },
  });
  expect(exact.structuredContent).toMatchObject({
    results: [{ file_path: 'shop/src/cart.ts', line_number: 4, line_content: '  cart.push(item);' }],
  });
  const read = await client.callTool({
    name: 'read_code_file',
    arguments: { file_path: 'shop/src/payment.ts', start_line: 2, end_line: 2 },
  });
  expect(read.structuredContent).toMatchObject({ text: 'export function retryPayment(attempt: number): number {' });
  const secret = await client.callTool({ name: 'read_code_file', arguments: { file_path: 'shop/.env' } });
  expect(secret.isError).toBe(true);
  expect(JSON.stringify(secret)).not.toContain('hunter2');
}

let workspace: Workspace;
let server: ServerProcess;

beforeAll(async () => {
  workspace = await createWorkspace();
  server = await startServer(workspace);
});
afterAll(async () => {
  await server?.stop();
  await workspace?.remove();
});

describe('over HTTP', () => {
  test('[server.both-eras] the v1 SDK lists tools, searches and reads', async () => {
    const client = new V1Client(info);
    await client.connect(new V1HttpTransport(server.url));
    await proveUseful(client as AnyClient);
    await client.close();
  });

  test.each([
    ['legacy', 'legacy' as const, 'legacy'],
    ['auto', 'auto' as const, 'modern'],
    ['pinned to 2026-07-28', { pin: '2026-07-28' }, 'modern'],
  ])('[server.both-eras] the v2 SDK in mode %s lists tools, searches and reads', async (_name, mode, era) => {
    const client = new V2Client(info, { versionNegotiation: { mode } });
    await client.connect(new V2HttpTransport(server.url));
    expect(client.getProtocolEra()).toBe(era);
    await proveUseful(client as AnyClient);
    await client.close();
  });

  test.each(['legacy', 'auto'] as const)('progress of index_codebase reaches a v2 client in mode %s', async (mode) => {
    const client = new V2Client(info, { versionNegotiation: { mode } });
    await client.connect(new V2HttpTransport(server.url));
    const steps: number[] = [];
    const answer = await client.callTool(
      { name: 'index_codebase', arguments: { path: 'shop', full: true } },
      { onprogress: ({ progress }) => steps.push(progress) },
    );
    expect(answer.structuredContent).toMatchObject({ codebase: 'shop', state: 'Ready', files_indexed: 4 });
    expect(steps.length).toBeGreaterThan(0);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    await client.close();
  });
});

describe('over stdio', () => {
  const command = () => ({
    command: process.execPath,
    args: [codesage, ...serveArgs(workspace), '--stdio'],
    stderr: 'ignore' as const,
  });

  beforeAll(async () => {
    // One data directory has one writer.
    await server.stop();
  });

  test('[server.stdio] the v1 SDK lists tools, searches and reads', async () => {
    const client = new V1Client(info);
    await client.connect(new V1StdioTransport(command()));
    await proveUseful(client as AnyClient);
    await client.close();
  });

  test('[server.stdio] the v2 SDK in the 2026-07-28 era lists tools, searches and reads', async () => {
    const client = new V2Client(info, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new V2StdioTransport(command()));
    expect(client.getProtocolEra()).toBe('modern');
    await proveUseful(client as AnyClient);
    await client.close();
  });
});

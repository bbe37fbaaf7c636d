/** Decides whether real clients of both eras find codebases as resources, tasks as prompts, and names by completion. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client as V2Client, StreamableHTTPClientTransport as V2HttpTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport as V2StdioTransport } from '@modelcontextprotocol/client/stdio';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1HttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

let workspace: Workspace;
let server: ServerProcess;

/** The part of both SDKs' clients that is asked here. */
type AnyClient = Pick<
  V2Client,
  'listResources' | 'listResourceTemplates' | 'readResource' | 'listPrompts' | 'getPrompt' | 'complete' | 'close'
>;

const clients: readonly [string, () => Promise<AnyClient>][] = [
  [
    'the v1 SDK',
    async () => {
      const client = new V1Client(info);
      await client.connect(new V1HttpTransport(server.url));
      return client as unknown as AnyClient;
    },
  ],
  ['the v2 SDK in the 2025 era', () => connected('legacy')],
  ['the v2 SDK in the 2026-07-28 era', () => connected('auto')],
];

async function connected(mode: 'legacy' | 'auto'): Promise<AnyClient> {
  const client = new V2Client(info, { versionNegotiation: { mode } });
  await client.connect(new V2HttpTransport(server.url));
  return client;
}

beforeAll(async () => {
  workspace = await createWorkspace();
  await mkdir(path.join(workspace.source, 'docs'));
  await writeFile(path.join(workspace.source, 'docs/odd name #1 50%.md'), '# Odd\n');
  const outside = path.join(path.dirname(workspace.source), 'outside.ts');
  await writeFile(outside, 'export const hunter2 = 1;\n');
  await symlink(outside, path.join(workspace.source, 'src/link.ts'));
  server = await startServer(workspace);
});
afterAll(async () => {
  await server?.stop();
  await workspace?.remove();
});

async function proveUseful(client: AnyClient): Promise<void> {
  const { resources } = await client.listResources();
  expect(resources).toMatchObject([{ uri: 'codesage://shop', name: 'shop', mimeType: 'text/markdown' }]);
  const { resourceTemplates } = await client.listResourceTemplates();
  expect(resourceTemplates).toMatchObject([{ uriTemplate: 'codesage://{codebase}/{+path}' }]);
  const overview = await client.readResource({ uri: 'codesage://shop' });
  expect(overview.contents).toMatchObject([
    { text: expect.stringMatching(/# shop\n\nState: \w+; 5 files[\s\S]*- typescript: 2 files/) },
  ]);
  const file = await client.readResource({ uri: 'codesage://shop/src/cart.ts' });
  expect(file.contents).toMatchObject([
    { uri: 'codesage://shop/src/cart.ts', text: expect.stringContaining('addToCart') },
  ]);
  const odd = await client.readResource({ uri: 'codesage://shop/docs/odd%20name%20%231%2050%25.md' });
  expect(odd.contents).toMatchObject([{ mimeType: 'text/markdown', text: '# Odd\n' }]);
  const { prompts } = await client.listPrompts();
  expect(prompts.map(({ name }) => name)).toContain('find_bug_cause');
  const prompt = await client.getPrompt({
    name: 'find_bug_cause',
    arguments: { codebase: 'shop', symptom: 'it is slow' },
  });
  expect(prompt.messages).toMatchObject([
    { content: { type: 'resource', resource: { uri: 'codesage://shop' } } },
    { content: { type: 'text', text: expect.stringContaining('"it is slow"') } },
  ]);
  const template = { type: 'ref/resource' as const, uri: 'codesage://{codebase}/{+path}' };
  const names = await client.complete({ ref: template, argument: { name: 'codebase', value: 'sh' } });
  expect(names.completion.values).toEqual(['shop']);
  const paths = await client.complete({
    ref: { type: 'ref/prompt', name: 'explain_code' },
    argument: { name: 'path', value: 'pay' },
    context: { arguments: { codebase: 'shop' } },
  });
  expect(paths.completion.values).toEqual(['src/payment.ts']);
  await client.close();
}

test.each(clients)('[mcp.resources] [mcp.prompts] %s reads, asks and completes over HTTP', async (_name, connect) => {
  await proveUseful(await connect());
});

describe('[mcp.resources] refuses', () => {
  test.each([
    ['a secret', 'codesage://shop/.env'],
    ['a secret in capitals', 'codesage://shop/.ENV'],
    ['an ignored file', 'codesage://shop/ignored.ts'],
    ['a link to a file outside', 'codesage://shop/src/link.ts'],
    ['a path that climbs out', 'codesage://shop/../outside.ts'],
    ['a path that climbs out, encoded', 'codesage://shop/..%2Foutside.ts'],
    ['a path that climbs out, encoded twice', 'codesage://shop/%252e%252e/outside.ts'],
    ['an absolute path', 'codesage://shop//etc/hostname'],
    ['a NUL', 'codesage://shop/src%00/../cart.ts'],
    ['another codebase', 'codesage://other'],
    ['a file of another codebase', 'codesage://other/src/cart.ts'],
    ['a codebase that is a path', 'codesage://..%2Fshop/src/cart.ts'],
    ['a file of the machine', 'file:///etc/hostname'],
    ['an encoding that is none', 'codesage://shop/%zz'],
    ['no address at all', 'shop/src/cart.ts'],
  ])('%s, and goes on', async (_name, uri) => {
    const body = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri } };
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ id: 1, error: { code: expect.any(Number), message: expect.any(String) } });
    expect(text).not.toMatch(/hunter2|ignoredThing/);
    expect((await callTool(server.url, 'list_codebases')).status).toBe(200);
  });
});

test('[mcp.prompts] a prompt says which argument is missing, and which codebases there are', async () => {
  const client = await connected('auto');
  await expect(client.getPrompt({ name: 'explain_code', arguments: { codebase: 'shop' } })).rejects.toThrow(
    /path is missing.*path \(required\)/,
  );
  await expect(client.getPrompt({ name: 'explore_codebase', arguments: { codebase: 'shp' } })).rejects.toThrow(
    /no codebase "shp".*shop/,
  );
  await client.close();
});

test('[mcp.resources] [mcp.prompts] a client over stdio finds the same', async () => {
  // One data directory has one writer.
  await server.stop();
  const client = new V2Client(info, { versionNegotiation: { mode: 'auto' } });
  const args = [codesage, ...serveArgs(workspace), '--stdio'];
  await client.connect(new V2StdioTransport({ command: process.execPath, args, stderr: 'ignore' }));
  const isReady = async () => {
    const { structuredContent } = await client.callTool({ name: 'get_index_status', arguments: {} });
    return (structuredContent as { codebases: { state: string }[] }).codebases[0]?.state === 'Ready';
  };
  await eventually(isReady, 'the codebase to be indexed');
  await proveUseful(client);
});

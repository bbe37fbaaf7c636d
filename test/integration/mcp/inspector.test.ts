/** Decides whether the inspector's command line, a client that is not ours, lists and calls tools and reads resources. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registry } from '../../../server/src/tools/registry.ts';
import {
  codesage,
  createWorkspace,
  type ServerProcess,
  serveArgs,
  startServer,
  type Workspace,
} from './support/server-process.ts';

const inspector = path.resolve(
  import.meta.dirname,
  '../../../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js',
);

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

/** Runs the inspector with a home of its own, and gives what it printed and how it ended. */
function inspect(target: string[], flags: string[]): Promise<{ code: number; out: unknown; err: string }> {
  const home = path.dirname(workspace.source);
  const env = { PATH: process.env.PATH, HOME: home, MCP_CATALOG_PATH: path.join(home, 'catalog.json') };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [inspector, '--cli', ...target, ...flags],
      { cwd: home, env, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 },
      (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out: out === '' ? '' : JSON.parse(out), err }),
    );
  });
}

/** What it does alike over both transports. */
async function proveUseful(target: string[]): Promise<void> {
  const listed = await inspect(target, ['--method', 'tools/list', '--strict']);
  // With --strict it ends with 6 where a schema does not travel, and warns of what some clients do not take.
  expect(listed).toMatchObject({ code: 0 });
  expect(listed.err).not.toMatch(/Path: inputSchema/);
  const { tools } = listed.out as { tools: { name: string }[] };
  expect(tools.map(({ name }) => name)).toEqual(registry.map(({ name }) => name));
  const called = await inspect(target, ['--method', 'tools/call', '--tool-name', 'list_codebases']);
  expect(called).toMatchObject({ code: 0, out: { structuredContent: { codebases: [{ name: 'shop' }] } } });
  const read = await inspect(target, ['--method', 'resources/list']);
  expect(read).toMatchObject({ code: 0, out: { resources: [{ uri: 'codesage://shop' }] } });
  const prompts = await inspect(target, ['--method', 'prompts/list']);
  expect(prompts).toMatchObject({ code: 0, out: { prompts: expect.arrayContaining([expect.anything()]) } });
}

describe('[mcp.inspector]', () => {
  test('over HTTP it lists every tool without a fault in a schema, calls, and passes arguments', {
    timeout: 120_000,
  }, async () => {
    const target = [server.url.href, '--transport', 'http'];
    await proveUseful(target);
    const args = ['--tool-arg', 'codebase_path=shop', '--tool-arg', 'pattern=retryPayment'];
    const found = await inspect(target, ['--method', 'tools/call', '--tool-name', 'search_codebase', ...args]);
    expect(found).toMatchObject({
      code: 0,
      out: { structuredContent: { results: [{ file_path: 'shop/src/payment.ts' }] } },
    });
  });

  test('over stdio it starts the server itself and does the same', { timeout: 180_000 }, async () => {
    // One data directory has one writer.
    await server.stop();
    await proveUseful([process.execPath, codesage, ...serveArgs(workspace), '--stdio']);
  });
});

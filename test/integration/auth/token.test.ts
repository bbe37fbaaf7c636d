/** Decides whether token files guard the real server, and change under load without a call that fails for it. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { ServerConfigInput } from '../../../server/src/contract.ts';
import { codesage, eventually } from '../mcp/support/server-process.ts';
import {
  ask,
  choosePorts,
  createWorkspace,
  type GuardedServer,
  startGuarded,
  statusWith,
  type Workspace,
} from './support/guarded-server.ts';

const alice = 'alice-0123456789-0123456789';
const bob = 'bob-0123456789-0123456789';
const carol = 'carol-0123456789-0123456789';
const run = promisify(execFile);

let workspace: Workspace;
let server: GuardedServer;
let directory: string;
let mounts = 0;

/** Makes the directory hold these tokens, in the steps in which the kubelet changes a mounted Secret. */
async function mountSecret(tokens: Record<string, string>): Promise<void> {
  mounts += 1;
  const data = path.join(directory, `..2026_11_23_${mounts}`);
  await mkdir(data, { recursive: true });
  for (const [name, token] of Object.entries(tokens)) await writeFile(path.join(data, name), token);
  await symlink(path.basename(data), path.join(directory, '..data_tmp'));
  await rename(path.join(directory, '..data_tmp'), path.join(directory, '..data'));
  for (const name of Object.keys(tokens))
    await symlink(path.join('..data', name), path.join(directory, name)).catch(() => {});
  const before = path.join(directory, `..2026_11_23_${mounts - 1}`);
  const gone = (await readdir(before).catch(() => [])).filter((name) => !(name in tokens));
  for (const name of gone) await rm(path.join(directory, name));
  await rm(before, { recursive: true, force: true });
}

const configOf = (more: Partial<NonNullable<ServerConfigInput['auth']>> = {}): ServerConfigInput => ({
  auth: { mode: 'Token', tokenDirectory: directory, ...more },
});

beforeAll(async () => {
  workspace = await createWorkspace();
  directory = path.join(workspace.root, 'tokens');
  await mountSecret({ alice, bob: `${bob}\n` });
  server = await startGuarded(workspace, configOf({ audit: { arguments: true } }), await choosePorts());
});
afterAll(async () => {
  await server?.stop();
  await workspace?.remove();
});

test('[auth.token] a call needs a token, and the root none', async () => {
  expect(await statusWith(server.url, undefined)).toBe(401);
  expect(await statusWith(server.url, 'wrong-0123456789-0123456789')).toBe(401);
  expect(await statusWith(server.url, alice)).toBe(200);
  expect(await statusWith(server.url, bob)).toBe(200);
  expect((await fetch(new URL('/', server.url))).status).toBe(200);
  // There is no provider to send anybody to.
  expect((await fetch(new URL('/.well-known/oauth-protected-resource', server.url))).status).toBe(404);
});

test('[auth.token] refused requests are counted, and logged once, without the token', async () => {
  for (let i = 0; i < 20; i++) expect(await statusWith(server.url, 'guess-0123456789-0123456789')).toBe(401);
  const metrics = await (await fetch(new URL('/metrics', server.internal))).text();
  const count = Number(/codesage_auth_failures_total\{reason="unknown"\} (\d+)/.exec(metrics)?.[1]);
  expect(count).toBeGreaterThanOrEqual(20);
  const refusals = server.lines().filter(({ message }) => message === 'A request was refused for its token');
  expect(refusals).toHaveLength(1);
  expect(server.logs()).not.toMatch(/guess-|0123456789/);
});

test('[auth.token] tokens come and go under load, and no call of another token fails for it', async () => {
  let isOver = false;
  const statuses = new Map<number, number>();
  const workers = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      const status = await statusWith(server.url, alice);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  });
  await mountSecret({ alice, carol });
  await eventually(async () => (await statusWith(server.url, carol)) === 200, 'the new token to count', server.logs);
  expect(await statusWith(server.url, bob)).toBe(401);
  await mountSecret({ alice, bob });
  await eventually(async () => (await statusWith(server.url, bob)) === 200, 'the token to be back', server.logs);
  expect(await statusWith(server.url, carol)).toBe(401);
  isOver = true;
  await Promise.all(workers);
  expect([...statuses.keys()]).toEqual([200]);
  expect(statuses.get(200)).toBeGreaterThan(20);
});

test('[auth.scopes] [server.reload] grants that change on SIGHUP count at once, also for tokens that are in use', async () => {
  const seen = async (token: string) => {
    const response = await ask(server.url, {
      era: '2026',
      token,
      method: 'tools/call',
      params: { name: 'list_codebases' },
    });
    const { result } = (await response.json()) as { result: { structuredContent: { codebases: { name: string }[] } } };
    return result.structuredContent.codebases.map(({ name }) => name);
  };
  expect(await seen(alice)).toEqual(['shop', 'secret']);
  const before = await readFile(server.configFile, 'utf8');
  const grants = [{ name: 'alice', codebases: ['shop'] }];
  await writeFile(server.configFile, stringify({ sources: workspace.sources, ...configOf({ grants }) }));
  server.child.kill('SIGHUP');
  await eventually(async () => (await seen(alice)).length === 1, 'the grants to count', server.logs);
  expect(await seen(bob)).toEqual([]);
  // Settings that cannot be used change nothing.
  await writeFile(
    server.configFile,
    stringify({ sources: workspace.sources, ...configOf({ tokenDirectory: '/nowhere' }) }),
  );
  server.child.kill('SIGHUP');
  await eventually(async () => server.logs().includes('/nowhere'), 'the refusal of the settings', server.logs);
  expect(await seen(alice)).toEqual(['shop']);
  await writeFile(server.configFile, before);
  server.child.kill('SIGHUP');
  await eventually(async () => (await seen(bob)).length === 2, 'the first settings to count again', server.logs);
});

test('[auth.audit] a call is one line with who, what, where and how, and with masked arguments where asked for', async () => {
  const params = {
    name: 'configure_api_key',
    arguments: { llm_provider: 'openai', api_key: 'sk-this-must-never-be-seen' },
  };
  await ask(server.url, { era: '2025', token: alice, method: 'tools/call', params });
  const read = { name: 'read_code_file', arguments: { file_path: 'shop/src/pay.ts' } };
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${bob}`, 'X-Request-Id': 'trace-77' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: read }),
  });
  expect(response.status).toBe(200);
  const audited = () => server.lines().filter(({ audit }) => audit === true);
  await eventually(async () => audited().some(({ requestId }) => requestId === 'trace-77'), 'the line', server.logs);
  expect(audited().find(({ requestId }) => requestId === 'trace-77')).toEqual({
    level: 'info',
    time: expect.any(String),
    audit: true,
    caller: 'bob',
    tool: 'read_code_file',
    codebase: 'shop',
    ms: expect.any(Number),
    outcome: 'ok',
    requestId: 'trace-77',
    arguments: { file_path: 'shop/src/pay.ts' },
    message: 'Tool call',
  });
  expect(audited().find(({ tool }) => tool === 'configure_api_key')).toMatchObject({
    caller: 'alice',
    arguments: { llm_provider: 'openai', api_key: '***' },
  });
  expect(server.logs()).not.toContain('must-never-be-seen');
});

test('[auth.token] the command line shows the token of its environment', async () => {
  const search = (env: Record<string, string>) =>
    run(
      process.execPath,
      [codesage, 'search', 'charge a card', '--url', server.url.href, '--codebase', 'shop', '--json'],
      {
        env: { ...process.env, ...env },
      },
    );
  expect((await search({ CODESAGE_TOKEN: alice })).stdout).toContain('shop/src/pay.ts');
  await expect(search({})).rejects.toMatchObject({
    stderr: expect.stringContaining('Put a token into CODESAGE_TOKEN'),
  });
});

test('[auth.token] over stdio nobody is asked', async () => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [codesage, 'serve', '--stdio', '--data', path.join(workspace.root, 'data of stdio')],
    env: { PATH: process.env.PATH ?? '', CODESAGE_CONFIG: server.configFile },
    stderr: 'ignore',
  });
  const client = new Client({ name: 'codesage-test', version: '0' });
  await client.connect(transport);
  const { structuredContent } = await client.callTool({ name: 'list_codebases', arguments: {} });
  expect(structuredContent).toMatchObject({ codebases: [{ name: 'shop' }, { name: 'secret' }] });
  await client.close();
});

test('[auth.token] with all tokens gone nobody is let in', async () => {
  await rm(directory, { recursive: true });
  await eventually(async () => (await statusWith(server.url, alice)) === 401, 'the token to be refused', server.logs);
  await mkdir(directory);
  await mountSecret({ alice });
  await eventually(async () => (await statusWith(server.url, alice)) === 200, 'the token to count', server.logs);
});

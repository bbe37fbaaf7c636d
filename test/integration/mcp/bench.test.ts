/** Decides whether `codesage bench` measures a real server process, tells the targets, and leaves the server as it was. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { adminStatusSchema } from '../../../server/src/contract.ts';
import {
  codesage,
  createWorkspace,
  type ServerProcess,
  startServer,
  type Workspace,
} from './support/server-process.ts';

const token = 'integration-token';
const answerSchema = z.object({
  tools: z.array(z.object({ tool: z.string(), cold: z.object({ calls: z.number(), errors: z.number() }) })),
  figures: z.record(z.string(), z.number()),
  targets: z.array(z.object({ figure: z.string(), verdict: z.string() })),
});

let workspace: Workspace;
let server: ServerProcess;
let tokenFile: string;

beforeAll(async () => {
  workspace = await createWorkspace();
  tokenFile = path.join(path.dirname(workspace.source), 'token');
  await writeFile(tokenFile, `${token}\n`);
  server = await startServer(workspace, { env: { CODESAGE_INTERNAL_TOKEN_FILE: tokenFile } });
});
afterAll(async () => {
  await server?.stop();
  await workspace?.remove();
});

function bench(...flags: string[]): Promise<{ code: number; out: string; err: string }> {
  const args = [codesage, 'bench', '--url', server.url.href, ...flags];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 120_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

async function adminStatus() {
  const response = await fetch(new URL('/admin/v1/status', server.internal), {
    headers: { Authorization: `Bearer ${token}` },
  });
  return adminStatusSchema.parse(await response.json());
}

test('[runbook-3.1-live] every target is measured on a live server, by real calls of its read tools, without a change', async () => {
  const before = await adminStatus();
  const flags = ['--internal-url', server.internal.href, '--token-file', tokenFile, '--requests', '5'];
  const { out, err } = await bench(...flags, '--json');
  const { tools, figures, targets } = answerSchema.parse(JSON.parse(out));
  const called = tools.map(({ tool }) => tool);
  expect(called).toEqual(expect.arrayContaining(['semantic_search_codebase', 'search_codebase', 'read_code_file']));
  expect(called).not.toContain('index_codebase');
  for (const { tool, cold } of tools) expect([tool, cold]).toEqual([tool, { ...cold, calls: 5, errors: 0 }]);
  expect(targets.filter(({ verdict }) => verdict === 'not measured')).toEqual([]);
  expect(figures).toMatchObject({ errorRate: 0 });
  expect(figures.cacheHitRate).toBeGreaterThan(0.7);
  expect(err).toContain(`cold: ${tools.length * 5} of ${tools.length * 5} calls`);
  const after = await adminStatus();
  expect(after.codebases).toEqual(before.codebases);
  expect(after.embeddedChunks).toBe(before.embeddedChunks);
});

test('people get two tables, and what was not measured with what it needs', async () => {
  const { out } = await bench('--requests', '1', '--codebase', 'shop');
  expect(out).toMatch(/^tool +calls +errors/);
  expect(out).toMatch(/semantic_search_codebase +2 +0/);
  expect(out).toMatch(/memory in use over its limit < 0\.8 +– +not measured \(needs --internal-url\)/);
});

test('indexing is measured only where it is asked for', async () => {
  const { out } = await bench('--requests', '1', '--reindex', '--json');
  expect(answerSchema.parse(JSON.parse(out)).figures.indexFilesPerSecond).toBeGreaterThan(0);
  expect((await adminStatus()).embeddedChunks).toBeGreaterThan(0);
});

test('a server that does not answer, and a codebase that is not there, are told', async () => {
  expect(await bench('--codebase', 'nope')).toMatchObject({ code: 1, err: expect.stringContaining('UnknownCodebase') });
  const wrong = await bench('--url', 'http://127.0.0.1:9/mcp');
  expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('No server answers') });
});

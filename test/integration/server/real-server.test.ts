/** Proves that the operator and the real server understand each other: its configuration file, the admin status, the problem codes, and the search. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, headers, ports } from '@codesage/server/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { createAccess, type ServiceAccess } from '../../../operator/src/server/access.ts';
import { createAdminClient } from '../../../operator/src/server/admin-client.ts';
import { buildServerConfig } from '../../../operator/src/server/desired/config.ts';
import { createProber } from '../../../operator/src/server/prober.ts';
import { judgeAll } from '../../../operator/src/server/status.ts';
import { observedOf, serverOf } from '../../../operator/src/server/testing/observed.ts';
import { codesage } from '../mcp/support/server-process.ts';
import { eventually } from './harness.ts';

const token = 'a-token-of-the-test';
let root: string;
let child: ChildProcess;
let access: ServiceAccess;
let logs = '';

const git = (args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    cwd: join(root, 'repository'),
    stdio: 'pipe',
  });

function serverUnderTest() {
  const url = `file://${join(root, 'repository')}`;
  return serverOf({
    sources: [
      { name: 'code', git: { url } },
      { name: 'wrong-ref', git: { url, ref: 'no-such-branch' } },
      { name: 'no-volume', volume: { claimName: 'absent' } },
    ],
    ingress: { path: '/team' },
    cache: { search: 7 },
  });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codesage-contract-'));
  await mkdir(join(root, 'repository'));
  await writeFile(join(root, 'repository', 'main.ts'), 'export function main(): string {\n  return "hello";\n}\n');
  git(['init', '-q']);
  git(['add', '.']);
  git(['commit', '-q', '-m', 'first']);
  await writeFile(join(root, 'config.yaml'), stringify(buildServerConfig({ server: serverUnderTest() })));
  await writeFile(join(root, 'token'), token);
  child = spawn(
    process.execPath,
    [codesage, 'serve', '--port', '0', '--internal-port', '0', '--data', join(root, 'data')],
    {
      env: {
        ...process.env,
        [environment.config]: join(root, 'config.yaml'),
        [environment.internalTokenFile]: join(root, 'token'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (logs += chunk.toString()));
  const { http, internal } = await eventually(() => {
    const line = logs.split('\n').find((text) => text.includes('"internalPort"'));
    if (line === undefined) throw new Error(logs.slice(-2_000));
    const told = JSON.parse(line) as { url: string; internalPort: number };
    return { http: new URL(told.url).port, internal: told.internalPort };
  }, 30_000);
  access = createAccess(({ port }, path) => ({
    url: `http://127.0.0.1:${port === ports.internal ? internal : http}${path}`,
  }));
});

afterAll(async () => {
  if (child?.exitCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  await rm(root, { recursive: true, force: true });
});

test('[operator.bad-input] the configuration is taken, and problems of sources arrive as conditions', async () => {
  const ask = createAdminClient(access);
  const observed = await eventually(async () => {
    const admin = await ask(serverUnderTest(), token);
    if (admin.state !== 'answered') throw new Error(JSON.stringify(admin));
    const states = admin.status.codebases.map(({ name, state }) => `${name} ${state}`);
    if (!states.includes('code Ready') || states.some((state) => /Pending|Syncing|Indexing/.test(state)))
      throw new Error(states.join(', '));
    return observedOf({ server: serverUnderTest(), admin });
  }, 30_000);
  const verdicts = Object.fromEntries(
    judgeAll(observed).map(({ type, status, reason }) => [type, `${status} ${reason}`]),
  );
  expect(verdicts).toMatchObject({ SourcesSynced: 'False GitRefNotFound', IndexReady: 'False SourceFailed' });
  const codes =
    observed.admin.state === 'answered' ? observed.admin.status.codebases.map(({ problem }) => problem?.code) : [];
  expect(codes).toEqual([undefined, 'GitRefNotFound', 'PathNotFound']);
});

test('[operator.verified] handshake and search are answered', async () => {
  expect(await createProber(access)(serverUnderTest(), token)).toEqual({
    state: 'answered',
    server: expect.stringMatching(/^codesage /),
  });
});

test("the admin status needs the token, which may come in a header of our own where the API server's proxy keeps the other", async () => {
  const target = { namespace: 'n', service: 's', port: ports.internal };
  const ask = (sent: Record<string, string>) =>
    access(target, { method: 'GET', path: '/admin/v1/status', headers: sent, timeoutMs: 5_000 });
  expect((await ask({})).status).toBe(401);
  expect((await ask({ [headers.internalToken]: 'wrong' })).status).toBe(401);
  expect((await ask({ [headers.internalToken]: token })).status).toBe(200);
  expect(await createAdminClient(access)(serverUnderTest(), 'wrong')).toMatchObject({
    state: 'failed',
    message: expect.stringContaining('401'),
  });
});

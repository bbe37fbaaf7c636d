/** The main job: a resource becomes a server whose index any MCP client searches through the ingress over TLS. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientKind, clientKinds, connect, type McpSession } from '../../hack/cluster/deploy/mcp-session.ts';
import { repository, run } from './support/checkout.ts';
import { type FixtureGitServer, startFixtureGitServer } from './support/fixture-repository.ts';
import { openWorld, type World } from './support/world.ts';

const host = 'main-job.codesage.test';
let world: World;
let git: FixtureGitServer;
let folder: string;

beforeAll(async () => {
  world = await openWorld('e2e-main-job');
  git = await startFixtureGitServer(world.cluster);
  folder = await mkdtemp(path.join(tmpdir(), 'codesage-e2e-'));
  await writeFile(path.join(folder, 'ca.crt'), world.ca);
  await git.createRepositoryFrom('codesage.git', repository);
  await world.createTlsSecret('main-job-tls', host);
  await world.kubectl.apply({
    apiVersion: 'codesage.dev/v1alpha1',
    kind: 'CodeSageServer',
    metadata: { name: 'main' },
    spec: {
      sources: [{ name: 'codesage', git: { url: `${git.url}/codesage.git`, interval: '10s' } }],
      storage: { size: '1Gi' },
      ingress: { className: world.cluster.ingress.className, host, tls: { secretName: 'main-job-tls' } },
    },
  });
  await world.waitReady('main');
});

afterAll(async () => {
  await world?.close();
  await git?.stop();
  if (folder) await rm(folder, { recursive: true });
});

describe('kubectl get', () => {
  test('[api.columns] shows every column of a ready server filled', async () => {
    const table = await world.kubectl.run(['get', 'codesageservers', '--output', 'wide']);
    const [header = '', row = ''] = table.trimEnd().split('\n');
    const starts = [...header.matchAll(/\S+(?: \S+)*/g)].map((match) => match.index);
    const cells = starts.map((start, index) => row.slice(start, starts[index + 1]).trim());
    expect(header.split(/\s+/)).toEqual(
      expect.arrayContaining([
        'NAME',
        'READY',
        'STATUS',
        'REPLICAS',
        'FILES',
        'AGE',
        'VERSION',
        'CHUNKS',
        'HIT-RATE',
        'URL',
        'MESSAGE',
      ]),
    );
    expect(
      cells.filter((cell) => cell === '' || cell === '<none>' || cell === '<unset>'),
      table,
    ).toEqual([]);
    expect(row).toContain(`https://${host}`);
  });
});

/** Runs the runbook's curl call as written there, with the ingress's address in place of localhost:8000. */
async function runbookCurl(args: string[], urlPath: string): Promise<{ status: number; body: unknown }> {
  const { httpsPort, host: address } = world.cluster.ingress;
  const output = await run('curl', [
    '--silent',
    '--show-error',
    '--max-time',
    '20',
    '--cacert',
    path.join(folder, 'ca.crt'),
    '--resolve',
    `${host}:${httpsPort}:${address}`,
    '--write-out',
    '\n%{http_code}',
    ...args,
    `https://${host}:${httpsPort}${urlPath}`,
  ]);
  const end = output.lastIndexOf('\n');
  return { status: Number(output.slice(end + 1)), body: JSON.parse(output.slice(0, end)) };
}

describe('the curl calls of the runbook, through the ingress', () => {
  test('[runbook-2.1] the root path answers the original greeting', async () => {
    const { status, body } = await runbookCurl([], '/');
    expect(status).toBe(200);
    expect(body).toMatchObject({ message: 'CodeSage MCP Server is running!' });
  });

  const json = ['-X', 'POST', '-H', 'Content-Type: application/json', '-d'];

  test('[runbook-2.1] initialize without params is answered with a JSON-RPC result', async () => {
    const { status, body } = await runbookCurl(
      [...json, '{"jsonrpc": "2.0", "method": "initialize", "id": 1}'],
      '/mcp',
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ jsonrpc: '2.0', id: 1, result: { serverInfo: { name: 'codesage' } } });
  });

  test('[runbook-5.1] tools/call without arguments is answered with the cache statistics', async () => {
    const call = '{"jsonrpc": "2.0", "method": "tools/call", "id": 1, "params": {"name": "get_cache_statistics"}}';
    const { status, body } = await runbookCurl([...json, call], '/mcp');
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: 1, result: { structuredContent: { caching_enabled: true } } });
  });
});

describe.each(clientKinds)('a client of %s', (kind: ClientKind) => {
  let session: McpSession;
  beforeAll(async () => {
    session = await connect(kind, world.endpoint(host), world.fetch);
  });
  afterAll(() => session?.close());

  test('[server.both-eras] lists the tools', async () => {
    expect(await session.listTools()).toEqual(
      expect.arrayContaining([
        'index_codebase',
        'search_codebase',
        'semantic_search_codebase',
        'read_code_file',
        'get_index_status',
        'list_codebases',
      ]),
    );
  });

  test('[server.both-eras] finds by meaning what this very repository defines', async () => {
    const answer = await session.call('semantic_search_codebase', {
      codebase_path: 'codesage',
      query: 'leader election lease renewal',
      top_k: 5,
    });
    expect(answer.isError, answer.text).toBe(false);
    expect(answer.text).toContain('operator/src/runtime/elector');
  });

  test('[server.both-eras] finds an exact text and reads the file around it', async () => {
    const found = await session.call('search_codebase', {
      codebase_path: 'codesage',
      pattern: 'CodeSage MCP Server is running!',
    });
    expect(found.isError, found.text).toBe(false);
    expect(found.text).toContain('server/src/');
    const read = await session.call('read_code_file', { file_path: 'codesage/package.json' });
    expect(read.structured.text).toContain('"workspaces"');
  });
});

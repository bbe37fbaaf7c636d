/** Who may call: a server behind the ingress that asks for tokens, which come and go while its pod runs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type FixtureGitServer, smallCodeBase, startFixtureGitServer } from './support/fixture-repository.ts';
import { waitFor } from './support/wait.ts';
import { openWorld, type World } from './support/world.ts';

const host = 'access.codesage.test';
const tokens = { agent: 'a-token-that-is-long-enough-agent', ci: 'a-token-that-is-long-enough-for-ci' };
let world: World;
let git: FixtureGitServer;

beforeAll(async () => {
  world = await openWorld('e2e-access');
  git = await startFixtureGitServer(world.cluster);
  await git.createRepository('warehouse.git', smallCodeBase);
  await world.createTlsSecret('tls', host);
  await putTokens(tokens);
  await world.kubectl.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'models' },
    stringData: { groq: 'gsk_a-key-that-nobody-may-see' },
  });
  const source = (name: string) => ({ name, git: { url: `${git.url}/warehouse.git/.git`, interval: '10s' } });
  await world.kubectl.apply({
    apiVersion: 'codesage.dev/v1alpha1',
    kind: 'CodeSageServer',
    metadata: { name: 'guarded' },
    spec: {
      sources: [source('open'), source('closed')],
      storage: { size: '1Gi' },
      auth: {
        mode: 'Token',
        tokenSecretRef: { name: 'clients' },
        grants: [
          { name: 'agent', codebases: ['*'] },
          { name: 'ci', codebases: ['open'] },
          { name: 'late', codebases: ['open'] },
        ],
      },
      llm: { providers: [{ name: 'groq', apiKeySecretRef: { name: 'models', key: 'groq' } }] },
      ingress: { className: world.cluster.ingress.className, host, tls: { secretName: 'tls' } },
    },
  });
  await world.waitReady('guarded');
});

afterAll(async () => {
  await world?.close();
  await git?.stop();
});

/** Replaces the whole Secret: keys that are not given are gone. */
async function putTokens(stringData: Record<string, string>): Promise<void> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'clients' }, stringData };
  await world.kubectl.run(['delete', 'secret', 'clients', '--ignore-not-found']);
  await world.kubectl.apply(secret);
}

const answerSchema = z.object({
  result: z.object({ content: z.array(z.object({ text: z.string() })), isError: z.boolean().optional() }).optional(),
});

async function call(name: string, token?: string, args: object = {}) {
  const response = await world.fetch(world.endpoint(host), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
  });
  const text = await response.text();
  const answer = response.ok ? answerSchema.parse(JSON.parse(text)).result?.content[0]?.text : text;
  return { status: response.status, challenge: response.headers.get('www-authenticate'), text: answer ?? '' };
}

const podUids = async () =>
  z
    .object({ items: z.array(z.object({ metadata: z.object({ uid: z.string() }) })) })
    .parse(await world.kubectl.json(['get', 'pods', '--selector', 'app.kubernetes.io/instance=guarded']))
    .items.map(({ metadata }) => metadata.uid);

test('[operator.verified] [operator.access] the operator verifies a server that asks clients for tokens, and does not call it open', async () => {
  expect(await world.kubectl.condition('guarded', 'Verified')).toMatchObject({ status: 'True' });
  const exposure = await world.kubectl.condition('guarded', 'ExposureReady');
  expect(exposure).toMatchObject({ status: 'True', reason: expect.stringMatching(/^Ingress/) });
});

test('[runbook-10.2-auth] nobody calls without a token, and each client sees what it may', async () => {
  expect(await call('list_codebases')).toMatchObject({ status: 401, challenge: expect.stringMatching(/^Bearer/) });
  expect(await call('list_codebases', 'another-token-that-is-long-enough')).toMatchObject({ status: 401 });
  const agent = await call('list_codebases', tokens.agent);
  expect(agent.text).toContain('closed');
  const ci = await call('list_codebases', tokens.ci);
  expect(ci.text).toContain('open');
  expect(ci.text).not.toContain('closed');
  const refused = await call('read_code_file', tokens.ci, { file_path: 'closed/delivery/route.py' });
  expect(refused.text).toMatch(/^(UnknownCodebase|PathNotAllowed|FileNotFound): /);
});

test('[operator.access] the key of a model provider reaches the server, and no answer shows it', async () => {
  const { text } = await call('get_configuration', tokens.agent);
  expect(text).toContain('groq');
  expect(text).not.toContain('nobody-may-see');
});

test('[runbook-10.2-auth] a new token is taken and an old one refused by the pod that runs', async () => {
  const before = await podUids();
  const late = 'a-token-that-is-long-enough-late';
  await putTokens({ agent: tokens.agent, late });
  const statuses = () =>
    Promise.all([late, tokens.ci].map(async (token) => (await call('list_codebases', token)).status));
  await waitFor(
    'the tokens to change in the pod',
    async () => ((await statuses()).join() === '200,401' ? true : undefined),
    { timeoutMs: 150_000, everyMs: 1000 },
  );
  expect(await podUids()).toEqual(before);
});

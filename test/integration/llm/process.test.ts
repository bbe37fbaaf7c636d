/** Decides whether the real process asks a model provider as configured: keys from mounted files, progress, cancellation, metrics, logs, and no secret in any of them. */
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { environment, metricNames } from '../../../server/src/contract.ts';
import {
  begins,
  json,
  type LlmServer,
  refusal,
  startLlmServer,
  streamed,
} from '../../../server/src/testing/llm-server.ts';
import {
  callTool,
  createWorkspace,
  eventually,
  type ServerProcess,
  startServer,
  type Workspace,
} from '../mcp/support/server-process.ts';

const firstKey = 'secret-key-number-1';
const secondKey = 'secret-key-number-2';
const givenKey = 'secret-key-of-a-client';

let workspace: Workspace;
let provider: LlmServer;
let server: ServerProcess;
let mount: string;

beforeAll(async () => {
  [workspace, provider] = await Promise.all([createWorkspace(), startLlmServer()]);
  const root = path.dirname(workspace.source);
  mount = path.join(root, 'groq');
  for (const [version, key] of [
    ['..1', firstKey],
    ['..2', secondKey],
  ] as const) {
    await mkdir(path.join(mount, version), { recursive: true });
    await writeFile(path.join(mount, version, 'api-key'), key);
  }
  // As the kubelet mounts a Secret.
  await symlink('..1', path.join(mount, '..data'));
  await symlink('..data/api-key', path.join(mount, 'api-key'));
  const config = path.join(root, 'config.yaml');
  const apiKeyFile = path.join(mount, 'api-key');
  const llm = { providers: [{ name: 'groq', baseURL: provider.baseURL, apiKeyFile }], maxRetries: 0 };
  await writeFile(config, JSON.stringify({ llm }));
  server = await startServer(workspace, { env: { [environment.config]: config } });
});
afterAll(async () => {
  await server?.stop();
  await Promise.all([workspace?.remove(), provider?.close()]);
});
beforeEach(() => provider.answerWith(streamed('It tries a payment again.')));

async function call(name: string, args: Record<string, unknown>, init: RequestInit = {}) {
  const answer = (await (await callTool(server.url, name, args, init)).json()) as {
    result: { isError?: boolean; structuredContent: Record<string, unknown> };
  };
  expect(answer.result.isError).toBeUndefined();
  return answer.result.structuredContent;
}

const summarize = (args: Record<string, unknown> = {}) =>
  call('summarize_code_section', { file_path: 'shop/src/payment.ts', function_name: 'retryPayment', ...args });

const metrics = async () => (await fetch(new URL('/metrics', server.internal))).text();

test('[llm.protocol] a tool call reaches the provider with the key of the file and the code of the index', async () => {
  expect(await summarize()).toMatchObject({
    summary: 'It tries a payment again.',
    answered_by: { provider: 'groq' },
    outline: [{ name: 'retryPayment' }],
  });
  const request = provider.requests.at(-1);
  expect(request?.headers.authorization).toBe(`Bearer ${firstKey}`);
  expect(request?.body.messages?.at(-1)?.content).toContain('2 ** attempt * 100');
});

test('[llm.keys] a key that is replaced is used by the running server', async () => {
  await symlink('..2', path.join(mount, '..tmp'));
  await rename(path.join(mount, '..tmp'), path.join(mount, '..data'));
  await summarize();
  expect(provider.requests.at(-1)?.headers.authorization).toBe(`Bearer ${secondKey}`);
  expect(server.logs()).toContain('The key of the LLM API changed');
});

test('[runbook-4.2-llm] a provider that fails is told in the log and counted, and the tool still answers', async () => {
  provider.answerWith(refusal(503, `overloaded, ${secondKey}`));
  for (let count = 0; count < 2; count += 1)
    expect(await summarize()).toMatchObject({
      message: expect.stringMatching(/^No model answered\. Groq failed with status 503/),
    });
  const lines = server
    .logs()
    .split('\n')
    .filter((line) => line.includes('Failed to connect to LLM API'));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'error', provider: 'groq', code: 'server_error', status: 503 },
  ]);
  const text = await metrics();
  expect(text).toContain(`${metricNames.llmRequests}{provider="groq",outcome="server_error"} 2`);
  expect(text).toMatch(new RegExp(`${metricNames.llmRequests}\\{provider="groq",outcome="ok"\\} [1-9]`));
  expect(text).toContain(`${metricNames.llmCircuitOpen}{provider="groq"} 0`);
  expect(text).toContain(`${metricNames.llmDuration}_count{provider="groq"}`);
});

test('[llm.cancellation] a client that hangs up closes the connection to the provider', async () => {
  provider.answerWith(begins('It tr'));
  const leaving = new AbortController();
  const index = provider.requests.length;
  const asked = callTool(
    server.url,
    'summarize_code_section',
    { file_path: 'shop/src/cart.ts' },
    { signal: leaving.signal },
  ).catch(() => 'left');
  const request = await provider.request(index);
  leaving.abort();
  expect(await asked).toBe('left');
  expect(await request.closed).toBe(true);
});

test('[llm.protocol] a client that asks for progress is told as the answer grows', async () => {
  provider.answerWith(streamed('It tries. '.repeat(100)));
  const client = new Client({ name: 'codesage-test', version: '0' });
  await client.connect(new StreamableHTTPClientTransport(server.url));
  const told: number[] = [];
  const answer = await client.callTool(
    { name: 'summarize_code_section', arguments: { file_path: 'shop/src/cart.ts' } },
    { onprogress: ({ progress }) => told.push(progress) },
  );
  await client.close();
  expect(answer.structuredContent).toMatchObject({ answered_by: { provider: 'groq' } });
  expect(told.length).toBeGreaterThan(1);
});

test('[llm.keys] a key that a client has checked goes to the provider and nowhere else', async () => {
  provider.answerWith(json(200, { data: [] }));
  expect(await call('configure_api_key', { llm_provider: 'groq', api_key: givenKey })).toMatchObject({
    verdict: 'valid',
    stored: 'no',
  });
  expect(provider.requests.at(-1)?.headers.authorization).toBe(`Bearer ${givenKey}`);
  provider.answerWith(streamed('Here.'));
  await summarize();
  expect(provider.requests.at(-1)?.headers.authorization).toBe(`Bearer ${secondKey}`);
});

test('[llm.secrecy] secrets of the codebase reach no provider', async () => {
  const index = provider.requests.length;
  const answer = await callTool(server.url, 'summarize_code_section', { file_path: 'shop/.env' });
  expect(await answer.text()).toMatch(/PathNotAllowed/);
  expect(provider.requests).toHaveLength(index);
});

test('[llm.secrecy] no key and no question is in log, metrics and configuration', async () => {
  const configuration = JSON.stringify(await call('get_configuration', {}));
  expect(configuration).toContain('"key":"file"');
  await eventually(async () => server.logs().includes('configure_api_key'), 'the log of calls', server.logs);
  for (const text of [server.logs(), await metrics(), configuration]) {
    for (const key of [firstKey, secondKey, givenKey]) expect(text).not.toContain(key);
    expect(text).not.toContain('2 ** attempt');
  }
});

test('[llm.cancellation] a server that stops waits for a provider no longer than for anything else', async () => {
  provider.answerWith(begins('It tr'));
  const index = provider.requests.length;
  const asked = callTool(server.url, 'summarize_code_section', { file_path: 'shop/src/cart.ts' }).catch(() => 'cut');
  const request = await provider.request(index);
  const { code } = await server.stop();
  expect(code).toBe(0);
  await asked;
  expect(await request.closed).toBe(true);
});

/** Decides whether `codesage keys verify` tells taken keys from rejected and missing ones, prints none, and ends as promised. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { environment } from '../contract.ts';
import { json, type LlmServer, refusal, startLlmServer } from '../testing/llm-server.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { runCli } from './program.ts';

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(ended.splice(0).map((end) => end()));
});

async function verify(args: string[], llm: object, env: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'codesage-keys-'));
  ended.push(() => rm(directory, { recursive: true }));
  const config = join(directory, 'config.yaml');
  await writeFile(config, JSON.stringify({ llm }));
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(['keys', 'verify', ...args], {
    createEngine: () => createStubEngine(),
    env: { ...env, [environment.config]: config },
    cwd: directory,
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    version: '1.2.3',
  });
  expect(out.join('') + err.join('')).not.toContain('secret-key');
  return { code, out: out.join(''), err: err.join('') };
}

async function start(...args: Parameters<typeof startLlmServer>): Promise<LlmServer> {
  const server = await startLlmServer(...args);
  ended.push(server.close);
  return server;
}

const keys = { GROQ_API_KEY: 'secret-key-groq', GOOGLE_API_KEY: 'secret-key-google' };

test('[llm.keys] every key is taken: exit code 0', async () => {
  const { baseURL, requests } = await start(json(200, { data: [] }));
  const providers = [{ name: 'groq', baseURL }];
  const { code, out } = await verify([], { providers }, { GROQ_API_KEY: keys.GROQ_API_KEY });
  expect({ code, out }).toEqual({ code: 0, out: 'VALID     groq        Groq accepts the key.\n' });
  expect(requests).toHaveLength(1);
});

test('[llm.keys] one is rejected, one missing: exit code 1, and each is told', async () => {
  const { baseURL } = await start(refusal(401, 'bad secret-key-groq'));
  const providers = [
    { name: 'groq', baseURL },
    { name: 'openai', baseURL, apiKeyFile: '/nowhere/api-key' },
  ];
  const { code, out } = await verify(['--json'], { providers }, { GROQ_API_KEY: keys.GROQ_API_KEY });
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    keys: [
      { provider: 'groq', verdict: 'rejected' },
      {
        provider: 'openai',
        verdict: 'missing',
        message: expect.stringMatching(/^There is no key for OpenAI\. The file of the key does not exist\./),
      },
    ],
  });
});

test('[llm.keys] --provider checks that one alone', async () => {
  const { baseURL, requests } = await start(json(200, {}));
  const providers = [
    { name: 'groq', baseURL },
    { name: 'google', baseURL },
  ];
  expect((await verify(['--provider', 'google'], { providers }, keys)).code).toBe(0);
  expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret-key-google']);
});

test('a provider that is ill: exit code 1, told as unknown', async () => {
  const { baseURL } = await start(refusal(503));
  const { code, out } = await verify([], { providers: [{ name: 'groq', baseURL }] }, keys);
  expect([code, out]).toEqual([1, expect.stringMatching(/^UNKNOWN +groq +Groq failed with status 503/)]);
});

test.each([
  [[], {}, /^error \(ConfigInvalid\): No model provider is configured/],
  [['--provider', 'secret-key'], {}, /Write one of: groq, openrouter, google, openai/],
  [[], { providers: [{ name: 'other' }] }, /llm\.providers\.0\.name/],
  [[], { providers: [{ name: 'groq' }, { name: 'groq' }] }, /a provider is named twice/],
  [[], { providers: [{ name: 'groq', baseURL: 'ftp://x' }] }, /llm\.providers\.0\.baseURL/],
])('%j with %j is a fault of use', async (args, llm, message) => {
  expect(await verify(args, llm)).toMatchObject({ code: 2, err: expect.stringMatching(message) });
});

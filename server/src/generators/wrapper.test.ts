/** Decides whether generated clients are correct code, and whether one of them really calls, retries and fails as it says. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { syntaxFaults } from '../testing/syntax-faults.ts';
import { type WrapperSubject, wrapperExtensions, wrapperFor } from './wrapper.ts';

const subject: WrapperSubject = {
  label: 'Groq',
  baseURL: 'https://api.example.org/v1',
  model: 'maker/model-1:free',
  keyVariable: 'CODESAGE_TEST_WRAPPER_KEY',
  tokenLimit: 'max_tokens',
  stem: 'Client',
};

test.each(wrapperExtensions)('[tools.llm-wrapper] the client in .%s parses without faults', async (extension) => {
  const template = wrapperFor(`a.${extension}`);
  const code = template?.code(subject) ?? '';
  expect(await syntaxFaults(`client.${extension}`, code)).toEqual([]);
  for (const part of ['https://api.example.org/v1/chat/completions', subject.model, subject.keyVariable, 'Retry-After'])
    expect(code.toLowerCase()).toContain(part.toLowerCase());
});

test.each([
  [undefined, 'python'],
  ['src/a.TS', 'typescript'],
  ['a.py', 'python'],
  ['a.zig', undefined],
  ['constructor', undefined],
  ['a.constructor', undefined],
])('a file %j is written in %s', (path, language) => {
  expect(wrapperFor(path)?.language).toBe(language);
});

type Wrapper = { complete: (prompt: string, options?: object) => Promise<string> };

describe('[tools.llm-wrapper] the client in JavaScript', () => {
  let directory: string;
  let server: Server;
  let url: string;
  let wrapper: Wrapper;
  let answers: ((request: IncomingMessage, response: ServerResponse) => void)[] = [];
  const bodies: string[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'codesage-wrapper-'));
    const file = join(directory, 'client.mjs');
    await writeFile(file, wrapperFor('client.mjs')?.code(subject) ?? '');
    wrapper = (await import(pathToFileURL(file).href)) as Wrapper;
    server = createServer(async (request, response) => {
      bodies.push(`${request.headers.authorization} ${(await request.toArray()).join('')}`);
      answers.shift()?.(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
    process.env.CODESAGE_TEST_WRAPPER_KEY = 'sk-test';
  });
  afterEach(() => {
    answers = [];
    bodies.length = 0;
  });
  afterAll(async () => {
    delete process.env.CODESAGE_TEST_WRAPPER_KEY;
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true });
  });

  const status =
    (code: number, headers = {}) =>
    (_request: IncomingMessage, response: ServerResponse) =>
      void response.writeHead(code, headers).end('busy');
  const ok = (_request: IncomingMessage, response: ServerResponse) =>
    void response.end(JSON.stringify({ choices: [{ message: { content: 'hello' } }] }));

  test('sends key, model and messages', async () => {
    answers = [ok];
    expect(await wrapper.complete('hi', { system: 'be kind', url })).toBe('hello');
    expect(bodies[0]).toContain('Bearer sk-test');
    expect(JSON.parse(bodies[0]?.slice('Bearer sk-test '.length) ?? '')).toMatchObject({
      model: subject.model,
      messages: [{ role: 'system' }, { role: 'user', content: 'hi' }],
      max_tokens: 1024,
    });
  });

  test('tries again when it is told to, and after a cut connection', async () => {
    answers = [status(429, { 'Retry-After': '0' }), (request) => void request.socket.destroy(), ok];
    expect(await wrapper.complete('hi', { url })).toBe('hello');
    expect(bodies).toHaveLength(3);
  });

  test('gives up at once when the key is refused', async () => {
    answers = [status(401)];
    await expect(wrapper.complete('hi', { url })).rejects.toMatchObject({
      status: 401,
      message: expect.stringMatching(/CODESAGE_TEST_WRAPPER_KEY was refused/),
    });
    expect(bodies).toHaveLength(1);
  });

  test('ends within its time', async () => {
    answers = [() => {}];
    await expect(wrapper.complete('hi', { url, timeoutMs: 50, maxRetries: 0 })).rejects.toThrow(/No answer/);
  });

  test('says which variable is missing', async () => {
    delete process.env.CODESAGE_TEST_WRAPPER_KEY;
    await expect(wrapper.complete('hi', { url })).rejects.toThrow(
      /Set the environment variable CODESAGE_TEST_WRAPPER_KEY/,
    );
    process.env.CODESAGE_TEST_WRAPPER_KEY = 'sk-test';
  });
});

/** Decides whether questions reach a provider and come back whole, and whether every way to fail is told as what it is, without key or code. */
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type LlmSettings, llmSchema } from '../contract.ts';
import { createLogger } from '../observability/logger.ts';
import {
  begins,
  json,
  type LlmServer,
  plain,
  type Responder,
  raw,
  refusal,
  silent,
  startLlmServer,
  streamed,
} from '../testing/llm-server.ts';
import { LlmFailure } from './failure.ts';
import type { LlmCall, LlmQuestion } from './port.ts';
import { createLlmService, type LlmObservation, type LlmServiceOptions } from './service.ts';

const key = 'gsk-Very-Secret-0123456789';
const code = 'const password = "correct horse";';
const question: LlmQuestion = { system: 'Explain.', prompt: code };
const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(ended.splice(0).map((end) => end()));
});

async function start(...responders: Responder[]): Promise<LlmServer> {
  const server = await startLlmServer(...responders);
  ended.push(server.close);
  return server;
}

type Setup = Partial<LlmServiceOptions> & { llm?: Partial<LlmSettings> };

/** A service that knows one provider, Groq, at `server`. */
function serve(server: LlmServer, { llm, ...options }: Setup = {}) {
  const lines: string[] = [];
  const observed: LlmObservation[] = [];
  const settings = llmSchema.parse({
    providers: [{ name: 'groq', baseURL: server.baseURL }],
    maxRetries: 0,
    ...llm,
  });
  const service = createLlmService({
    settings: () => settings,
    env: { GROQ_API_KEY: key },
    log: createLogger({ level: 'debug', format: 'json' }, { write: (line) => lines.push(line) }),
    observe: (observation) => observed.push(observation),
    random: () => 0,
    ...options,
  });
  const ask = (asked: Partial<LlmQuestion> = {}, call: Partial<LlmCall> = {}) =>
    service.ask({ ...question, ...asked }, { signal: new AbortController().signal, timeMs: 10_000, ...call });
  return { service, ask, observed, lines, log: () => lines.map((line) => JSON.parse(line)) };
}

/** What a failing call is answered. */
async function failureOf(call: Promise<unknown>): Promise<LlmFailure> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LlmFailure);
  return error as LlmFailure;
}

describe('an answer', () => {
  test('[llm.protocol] is asked for with key, model and bound, and streamed with progress', async () => {
    const server = await start(streamed('It retries the payment three times.'));
    const { ask, observed } = serve(server);
    const progress: number[] = [];
    const answer = await ask({}, { onProgress: (characters) => progress.push(characters) });
    expect(answer).toEqual({
      text: 'It retries the payment three times.',
      provider: 'groq',
      model: 'openai/gpt-oss-120b',
      truncated: false,
    });
    expect(progress).toEqual([7, 14, 21, 28, 35]);
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'user-agent': 'codesage' },
      body: {
        model: 'openai/gpt-oss-120b',
        stream: true,
        messages: [
          { role: 'system', content: 'Explain.' },
          { role: 'user', content: code },
        ],
      },
    });
    // Groq refuses free accounts for a bound that they could not use within a minute.
    expect(request?.body).not.toHaveProperty('max_completion_tokens');
    expect(observed).toEqual([{ provider: 'groq', outcome: 'ok', seconds: expect.any(Number) }]);
  });

  test('[llm.secrecy] carries no header that tells of this machine, nor any that variables of OpenAI ask for', async () => {
    const server = await start();
    process.env.OPENAI_CUSTOM_HEADERS = 'X-Company: secret';
    process.env.OPENAI_ORG_ID = 'org-secret';
    try {
      await serve(server).ask();
    } finally {
      delete process.env.OPENAI_CUSTOM_HEADERS;
      delete process.env.OPENAI_ORG_ID;
    }
    const names = Object.keys(server.requests[0]?.headers ?? {});
    expect(names.filter((name) => /^(x-|openai)/.test(name))).toEqual([]);
  });

  test('[llm.protocol] may come plain, where a gateway cannot stream', async () => {
    const { ask } = serve(await start(plain('All of it at once.')));
    expect(await ask()).toMatchObject({ text: 'All of it at once.', truncated: false });
  });

  test('[llm.bounds] that its limit of tokens ends is told as cut', async () => {
    const { ask } = serve(await start(streamed('It retr', 'length')));
    expect(await ask()).toMatchObject({ text: 'It retr', truncated: true });
  });

  test('[llm.bounds] of any length is read up to a bound, and the connection closed', async () => {
    const flood: Responder = async (response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      const part = `data: ${JSON.stringify({ choices: [{ delta: { content: 'x'.repeat(1000) } }] })}\n\n`;
      while (!response.destroyed) {
        response.write(part);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const server = await start(flood);
    const answer = await serve(server).ask();
    expect([answer.text.length, answer.truncated]).toEqual([40_000, true]);
    expect(await server.requests[0]?.closed).toBe(true);
  });

  test('[llm.secrecy] that quotes the key comes without it', async () => {
    const { ask } = serve(await start(streamed(`Your key is ${key}.`)));
    expect((await ask()).text).toBe('Your key is ***.');
  });
});

describe('a failure', () => {
  const cut: Responder = (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: {"choices":[{"delta":{"content":"It re"}}]}\n\n', () => response.destroy());
  };
  const quietEnd = raw('data: {"choices":[{"delta":{"content":"It re"}}]}\n\n');
  const flood: Responder = async (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    while (!response.destroyed) {
      response.write(`: ${'x'.repeat(60_000)}\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const redirect: Responder = (response) => {
    response.writeHead(307, { Location: '/elsewhere' });
    response.end();
  };
  const google400 = json(400, [{ error: { code: 400, message: 'API key not valid.', status: 'INVALID_ARGUMENT' } }]);

  test.each<[string, Responder, string, string, number | undefined, RegExp]>([
    [
      '401',
      refusal(401, `Incorrect API key provided: ${key}`, 'invalid_api_key'),
      'key_rejected',
      'LlmKeyRejected',
      401,
      /does not accept the key \(invalid_api_key\)/,
    ],
    ['403', refusal(403), 'key_rejected', 'LlmKeyRejected', 403, /keys verify/],
    ["Google's 400 for a bad key", google400, 'key_rejected', 'LlmKeyRejected', 400, /does not accept/],
    [
      '400',
      refusal(400, code, 'context_length_exceeded'),
      'refused',
      'LlmRefused',
      400,
      /context_length_exceeded.*fewer lines/,
    ],
    ['404', refusal(404, 'no such model', 'model_not_found'), 'refused', 'LlmRefused', 404, /name of the model/],
    [
      '429',
      refusal(429, 'slow down', undefined, { 'Retry-After': '90' }),
      'rate_limited',
      'LlmRateLimited',
      429,
      /in 90 seconds/,
    ],
    ['500', refusal(500, code), 'server_error', 'LlmUnavailable', 500, /status 500/],
    [
      'an error of HTML',
      (r) => void r.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>Bad gateway'),
      'server_error',
      'LlmUnavailable',
      502,
      /502/,
    ],
    ['a cut connection', cut, 'cut', 'LlmUnavailable', undefined, /before its answer was complete/],
    ['an answer that just ends', quietEnd, 'cut', 'LlmUnavailable', undefined, /before its answer was complete/],
    ['broken JSON in a stream', raw('data: {"choices": [\n\n'), 'malformed', 'LlmUnavailable', undefined, /protocol/],
    [
      'a stream of something else',
      raw('data: {"choices": 7}\n\n'),
      'malformed',
      'LlmUnavailable',
      undefined,
      /protocol/,
    ],
    ['broken JSON', raw('{"choices":', 'application/json'), 'malformed', 'LlmUnavailable', undefined, /protocol/],
    ['JSON of something else', json(200, { hello: 1 }), 'malformed', 'LlmUnavailable', undefined, /protocol/],
    ['an empty answer', streamed(''), 'malformed', 'LlmUnavailable', undefined, /protocol/],
    [
      'an answer of nothing but thoughts',
      streamed('', 'length'),
      'too_large',
      'LlmUnavailable',
      undefined,
      /fewer lines/,
    ],
    ['a page of HTML', raw('<h1>Log in', 'text/html'), 'malformed', 'LlmUnavailable', undefined, /protocol/],
    [
      'an error in the stream',
      raw('data: {"error":{"code":503,"message":"overloaded"}}\n\n'),
      'server_error',
      'LlmUnavailable',
      undefined,
      /failed/,
    ],
    ['a giant answer', flood, 'too_large', 'LlmUnavailable', undefined, /more than an answer may hold/],
    [
      'a giant error',
      (response, request) => json(500, { error: { message: 'x'.repeat(3_000_000) } })(response, request),
      'server_error',
      'LlmUnavailable',
      500,
      /status 500/,
    ],
    ['a redirect', redirect, 'redirected', 'LlmUnavailable', 307, /not followed/],
  ])('[llm.failures] %s is told as what it is', async (_name, responder, kind, errorCode, status, text) => {
    const server = await start(responder);
    const { ask, observed, lines } = serve(server);
    const failure = await failureOf(ask());
    expect([failure.kind, failure.code, failure.status]).toEqual([kind, errorCode, status]);
    expect(`${failure.message} ${failure.remedy}`).toMatch(text);
    expect(observed.map(({ outcome }) => outcome)).toEqual([kind]);
    expect(server.requests).toHaveLength(1);
    const told = `${failure.message}${failure.remedy}${failure.stack}${JSON.stringify(failure)}${lines.join('')}${JSON.stringify(observed)}`;
    expect(told).not.toContain(key);
    expect(told).not.toContain('correct horse');
    expect(failure.cause).toBeUndefined();
  });

  test('[llm.failures] nobody listens there', async () => {
    const server = await startLlmServer();
    await server.close();
    const failure = await failureOf(serve(server).ask());
    expect([failure.kind, failure.message]).toEqual(['unreachable', 'Groq could not be reached (ECONNREFUSED).']);
  });

  test.each<[string, Responder]>([
    ['before the first byte', silent],
    [
      'before the first byte of the body',
      (response) => response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders(),
    ],
    ['in the middle of an answer', begins('It re')],
  ])('[llm.timeouts] silence %s ends the exchange and closes the connection', async (_name, responder) => {
    const server = await start(responder);
    const failure = await failureOf(serve(server, { llm: { timeoutSeconds: 1 } }).ask());
    expect(failure.kind).toBe('timeout');
    expect(await server.requests[0]?.closed).toBe(true);
  });

  test('[llm.timeouts] an answer that goes on is not silence, however long it takes', async () => {
    const slow: Responder = async (response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      for (let part = 0; part < 8; part += 1) {
        response.write(': processing\n\n');
        await new Promise((resolve) => setTimeout(resolve, 350));
      }
      response.end('data: {"choices":[{"delta":{"content":"Here."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    };
    const { ask } = serve(await start(slow), { llm: { timeoutSeconds: 2 } });
    expect((await ask()).text).toBe('Here.');
  });

  test('[llm.timeouts] an answer that drips goes on only as long as the call may', async () => {
    const drip: Responder = async (response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      while (!response.destroyed) {
        response.write(': processing\n\n');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const server = await start(drip);
    const failure = await failureOf(serve(server).ask({}, { timeMs: 300 }));
    expect(failure.kind).toBe('timeout');
    expect(await server.requests[0]?.closed).toBe(true);
  });

  test.each<[string, Responder]>([
    ['before the first byte', silent],
    ['in the middle of an answer', begins('It re')],
  ])('[llm.cancellation] a caller that leaves %s closes the connection', async (_name, responder) => {
    const server = await start(responder);
    const { ask, lines } = serve(server, { llm: { maxRetries: 3 } });
    const leaving = new AbortController();
    const progress = Promise.withResolvers<void>();
    const asked = failureOf(ask({}, { signal: leaving.signal, onProgress: () => progress.resolve() }));
    const request = await server.request(0);
    if (responder !== silent) await progress.promise;
    leaving.abort();
    expect((await asked).code).toBe('Cancelled');
    expect(await request.closed).toBe(true);
    expect(server.requests).toHaveLength(1);
    expect(lines).toEqual([]);
  });
});

describe('retries', () => {
  test.each([500, 503, 429])('[llm.retries] %i, then an answer', async (status) => {
    const server = await start(refusal(status, 'no', undefined, { 'Retry-After': '0' }), streamed('Here.'));
    const { ask, observed } = serve(server, { llm: { maxRetries: 1 } });
    expect((await ask()).text).toBe('Here.');
    expect(server.requests).toHaveLength(2);
    expect(observed.map(({ outcome }) => outcome)).toEqual(['ok']);
  });

  test('[llm.retries] a cut answer is asked for again', async () => {
    const server = await start((response) => void response.destroy(), streamed('Here.'));
    expect((await serve(server, { llm: { maxRetries: 1 } }).ask()).text).toBe('Here.');
  });

  test('[llm.retries] end with the configured number', async () => {
    const server = await start(refusal(503, 'no', undefined, { 'Retry-After': '0' }));
    await failureOf(serve(server, { llm: { maxRetries: 2 } }).ask());
    expect(server.requests).toHaveLength(3);
  });

  test('[llm.retries] there are none for what would fail again', async () => {
    const server = await start(refusal(401));
    await failureOf(serve(server, { llm: { maxRetries: 3 } }).ask());
    expect(server.requests).toHaveLength(1);
  });

  test('[llm.retries] a provider that wants to rest longer than the call may last is not waited for', async () => {
    const server = await start(refusal(429, 'no', undefined, { 'Retry-After': '3600' }));
    const failure = await failureOf(serve(server, { llm: { maxRetries: 3 } }).ask());
    expect(server.requests).toHaveLength(1);
    expect(failure.remedy).toBe('Try again in 3600 seconds.');
  });

  test('[llm.cancellation] a caller that leaves between two attempts ends the wait', async () => {
    const server = await start(refusal(503, 'no', undefined, { 'Retry-After': '5' }));
    const leaving = new AbortController();
    const { ask } = serve(server, { llm: { maxRetries: 3 } });
    const asked = failureOf(ask({}, { signal: leaving.signal }));
    await (await server.request(0)).closed;
    leaving.abort();
    expect((await asked).code).toBe('Cancelled');
    expect(server.requests).toHaveLength(1);
  });
});

describe('several providers', () => {
  async function two(first: Responder, second: Responder, llm: Partial<LlmSettings> = {}) {
    const [groq, google] = await Promise.all([start(first), start(second)]);
    const providers = [
      { name: 'google' as const, baseURL: google.baseURL, defaultModel: 'gemini-x' },
      { name: 'groq' as const, baseURL: groq.baseURL },
    ];
    const env = { GROQ_API_KEY: key, GOOGLE_API_KEY: 'AIza-other-key' };
    return { groq, google, ...serve(groq, { llm: { providers, ...llm }, env }) };
  }

  test('[llm.routing] are asked in the configured order, the next one where one fails', async () => {
    const { ask, groq, google, observed } = await two(streamed('From Groq.'), refusal(500));
    expect(await ask()).toMatchObject({ text: 'From Groq.', provider: 'groq' });
    expect([google.requests.length, groq.requests.length]).toEqual([1, 1]);
    expect(google.requests[0]).toMatchObject({
      headers: { authorization: 'Bearer AIza-other-key' },
      body: { model: 'gemini-x', max_tokens: 16_384 },
    });
    expect(observed.map(({ provider, outcome }) => `${provider} ${outcome}`)).toEqual([
      'google server_error',
      'groq ok',
    ]);
  });

  test('[llm.routing] one that says nothing leaves time for the next', async () => {
    const { ask, google } = await two(streamed('From Groq.'), silent);
    expect(await ask({}, { timeMs: 4000 })).toMatchObject({ text: 'From Groq.' });
    expect(await google.requests[0]?.closed).toBe(true);
  });

  test('[llm.routing] a model that is named goes to its provider alone', async () => {
    const { ask, groq, google } = await two(refusal(500), streamed('From Google.'));
    expect((await failureOf(ask({ model: 'llama-3.1-8b-instant' }))).kind).toBe('server_error');
    expect((await ask({ model: 'google/gemini-2.5-pro' })).model).toBe('gemini-2.5-pro');
    expect([google.requests.length, groq.requests.length]).toEqual([1, 1]);
  });

  test('[llm.keys] without a key for it, a call says how to add one', async () => {
    const { ask } = await two(streamed('x'), streamed('x'));
    await expect(ask({ model: 'gpt-6-luna' })).rejects.toMatchObject({
      code: 'LlmKeyMissing',
      message: 'There is no key for OpenAI.',
      remedy: expect.stringMatching(/spec\.llm\.providers.*OPENAI_API_KEY/),
    });
  });
});

describe('many questions at once', () => {
  test('[llm.bounds] no more than eight are with a provider, the others wait, and one that is cancelled leaves the line', async () => {
    let under = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const held: Responder = async (response, request) => {
      under += 1;
      most = Math.max(most, under);
      await gate.promise;
      under -= 1;
      await streamed('Here.')(response, request);
    };
    const server = await start(held);
    const { ask } = serve(server);
    const leaving = new AbortController();
    const asked = Array.from({ length: 20 }, () => ask());
    const left = failureOf(ask({}, { signal: leaving.signal }));
    await server.request(7);
    leaving.abort();
    expect((await left).kind).toBe('cancelled');
    gate.resolve();
    expect((await Promise.all(asked)).map(({ text }) => text)).toEqual(Array(20).fill('Here.'));
    expect([most, server.requests.length]).toEqual([8, 20]);
  });
});

describe('the circuit breaker', () => {
  test('[llm.circuit] opens after five failures in a row, lets one call try after a while, and closes when it succeeds', async () => {
    const server = await start(refusal(500));
    const { ask, service, observed, log } = serve(server, { circuitPauseMs: 700 });
    for (let call = 0; call < 5; call += 1) await failureOf(ask());
    expect(service.circuits()).toEqual([{ provider: 'groq', isOpen: true }]);
    expect((await failureOf(ask())).kind).toBe('circuit_open');
    expect(server.requests).toHaveLength(5);
    server.answerWith(streamed('Back.'));
    await expect
      .poll(async () => (await ask().catch(() => undefined))?.text, { interval: 20, timeout: 8000 })
      .toBe('Back.');
    expect(service.circuits()).toEqual([{ provider: 'groq', isOpen: false }]);
    expect(server.requests).toHaveLength(6);
    expect(observed.map(({ outcome }) => outcome).slice(0, 6)).toEqual([
      ...Array(5).fill('server_error'),
      'circuit_open',
    ]);
    const told = log().filter(({ level }) => level !== 'debug');
    expect(told.map(({ message }) => message)).toEqual([
      'Failed to connect to LLM API',
      'The LLM API is left alone for a while',
      'LLM API answers again',
    ]);
  });

  test.each([401, 400, 429])('[llm.circuit] %i does not open it: the provider is well', async (status) => {
    const server = await start(refusal(status));
    const { ask, service } = serve(server);
    for (let call = 0; call < 7; call += 1) await failureOf(ask());
    expect(service.circuits()).toEqual([{ provider: 'groq', isOpen: false }]);
    expect(server.requests).toHaveLength(7);
  });

  test('[llm.circuit] a trial call that its caller cancels does not close it', async () => {
    const server = await start(refusal(500));
    const { ask, service } = serve(server, { circuitPauseMs: 30 });
    for (let call = 0; call < 5; call += 1) await failureOf(ask());
    server.answerWith(silent);
    const leaving = new AbortController();
    const trial = async (): Promise<string> => {
      const { kind } = await failureOf(ask({}, { signal: leaving.signal }));
      if (kind !== 'circuit_open') return kind;
      await new Promise((resolve) => setTimeout(resolve, 10));
      return trial();
    };
    const tried = trial();
    await server.request(5);
    leaving.abort();
    expect(await tried).toBe('cancelled');
    expect(service.circuits()).toEqual([{ provider: 'groq', isOpen: true }]);
  });
});

describe('the log', () => {
  test('[runbook-4.2-llm] a failed call is told once, in the words of the runbook, until calls succeed again', async () => {
    const server = await start(refusal(503, `overloaded ${key}`));
    const { ask, log } = serve(server);
    const told = () => log().filter(({ level }) => level !== 'debug');
    for (let call = 0; call < 3; call += 1) await failureOf(ask());
    expect(told()).toEqual([
      {
        level: 'error',
        time: expect.any(String),
        provider: 'groq',
        code: 'server_error',
        status: 503,
        message: 'Failed to connect to LLM API',
      },
    ]);
    server.answerWith(refusal(401));
    await failureOf(ask());
    expect(told()[1]).toMatchObject({ code: 'key_rejected', message: 'Failed to connect to LLM API' });
    server.answerWith(streamed('Here.'));
    await ask();
    expect(told()[2]).toMatchObject({ level: 'info', message: 'LLM API answers again', failedCalls: 4 });
    server.answerWith(refusal(500));
    await failureOf(ask());
    expect(told()).toHaveLength(4);
  });

  test('[runbook-4.2-llm] the text format has the line that the runbook greps for', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'info', format: 'text' }, { write: (line) => lines.push(line) });
    await failureOf(serve(await start(refusal(500)), { log }).ask());
    expect(lines).toEqual(['ERROR: Failed to connect to LLM API provider=groq code=server_error status=500\n']);
  });
});

describe('keys', () => {
  async function directory(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'codesage-llm-'));
    ended.push(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  test('[llm.keys] a mounted Secret that is replaced is used from the next call on', async () => {
    const mount = await directory();
    for (const [version, value] of [
      ['..1', 'first-key-1'],
      ['..2', 'second-key-2'],
    ] as const) {
      await mkdir(join(mount, version));
      await writeFile(join(mount, version, 'api-key'), `${value}\n`);
    }
    // As the kubelet does it: the file is a link through ..data, which is turned in one step.
    await symlink('..1', join(mount, '..data'));
    await symlink('..data/api-key', join(mount, 'api-key'));
    const server = await start();
    const providers = [{ name: 'groq' as const, baseURL: server.baseURL, apiKeyFile: join(mount, 'api-key') }];
    const { ask, log, lines } = serve(server, { llm: { providers } });
    await ask();
    await symlink('..2', join(mount, '..tmp'));
    await rename(join(mount, '..tmp'), join(mount, '..data'));
    await ask();
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first-key-1',
      'Bearer second-key-2',
    ]);
    expect(log()).toMatchObject([{ level: 'info', provider: 'groq', message: 'The key of the LLM API changed' }]);
    expect(lines.join('')).not.toMatch(/first-key|second-key/);
  });

  test.each([
    ['is not there', undefined, 'The file of the key does not exist.'],
    ['is empty', '\n', 'The file of the key is empty.'],
    ['holds two lines', 'a-key-1234\nb-key-1234', 'The file of the key holds no usable key.'],
    ['holds no ASCII', 'schlüssel-1234', 'The file of the key holds no usable key.'],
  ])('[llm.keys] a file that %s gives no key, and says why', async (_name, text, problem) => {
    const apiKeyFile = join(await directory(), 'api-key');
    if (text !== undefined) await writeFile(apiKeyFile, text);
    const server = await start();
    const { ask, service } = serve(server, {
      llm: { providers: [{ name: 'groq', baseURL: server.baseURL, apiKeyFile }] },
    });
    expect(await service.providers()).toMatchObject([{ name: 'groq', problem }]);
    expect((await service.providers())[0]).not.toHaveProperty('keyFrom');
    await expect(ask()).rejects.toMatchObject({ code: 'LlmKeyMissing' });
    await expect(ask({ provider: 'groq' })).rejects.toMatchObject({ message: expect.stringContaining(problem) });
    expect(server.requests).toEqual([]);
  });

  test('[llm.keys] of the environment add providers that nobody configured', async () => {
    const { service } = serve(await start(), { env: { OPENAI_API_KEY: key, GOOGLE_API_KEY: ' ' } });
    expect(await service.providers()).toEqual([
      { name: 'groq', model: 'openai/gpt-oss-120b', circuitOpen: false },
      { name: 'openai', model: 'gpt-6-luna', keyFrom: 'environment', circuitOpen: false },
    ]);
  });

  test('[llm.keys] of a request are kept only where that is allowed, and serve only the client that sent them', async () => {
    const server = await start();
    const refused = serve(server, { env: {} });
    expect(refused.service.keepKey('groq', key, 'ann')).toBe(false);
    await expect(refused.ask({}, { caller: 'ann' })).rejects.toMatchObject({ code: 'LlmKeyMissing' });
    const { service, ask } = serve(server, { env: {}, llm: { allowKeysFromRequests: true } });
    expect(service.keepKey('groq', key, 'ann')).toBe(true);
    await ask({}, { caller: 'ann' });
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
    for (const caller of ['bob', undefined])
      await expect(ask({}, { caller })).rejects.toMatchObject({ code: 'LlmKeyMissing' });
  });

  test.each<[string, Responder, string, RegExp]>([
    ['one that is taken', json(200, { data: [] }), 'valid', /accepts the key/],
    ['one that is not', refusal(401, `bad key ${key}`), 'rejected', /does not accept the key/],
    [
      "one that Google's 400 refuses",
      json(400, [{ error: { message: 'API key not valid.' } }]),
      'rejected',
      /does not accept/,
    ],
    ['any, while the provider is ill', refusal(503), 'unknown', /failed with status 503/],
  ])('[llm.keys] a check of %s', async (_name, responder, verdict, text) => {
    const server = await start(responder);
    const { service, lines, observed } = serve(server);
    const call = { signal: new AbortController().signal, timeMs: 5000 };
    const check = await service.verifyKey('groq', 'other-key-99', call);
    expect(check).toEqual({ provider: 'groq', verdict, message: expect.stringMatching(text) });
    expect(server.requests).toMatchObject([
      { method: 'GET', path: '/v1/models', headers: { authorization: 'Bearer other-key-99' } },
    ]);
    expect([lines, observed]).toEqual([[], []]);
  });

  test("[llm.keys] OpenRouter is asked for the key itself: its list of models is anybody's", async () => {
    const server = await start(refusal(401));
    const { service } = serve(server, { llm: { providers: [{ name: 'openrouter', baseURL: server.baseURL }] } });
    const check = await service.verifyKey('openrouter', 'other-key-99', {
      signal: new AbortController().signal,
      timeMs: 5000,
    });
    expect([check.verdict, server.requests[0]?.path]).toEqual(['rejected', '/v1/key']);
  });

  test('[llm.keys] no more than ten keys a minute are checked for one client', async () => {
    const server = await start(refusal(401));
    const { service } = serve(server);
    const check = async (caller: string) =>
      (await service.verifyKey('groq', 'other-key-99', { signal: new AbortController().signal, timeMs: 5000, caller }))
        .verdict;
    const verdicts: string[] = [];
    for (let count = 0; count < 12; count += 1) verdicts.push(await check('ann'));
    expect(verdicts).toEqual([...Array(10).fill('rejected'), 'unknown', 'unknown']);
    expect(await check('bob')).toBe('rejected');
    expect(server.requests).toHaveLength(11);
  });

  test('[llm.keys] what cannot be a key is not sent anywhere', async () => {
    const server = await start();
    const { service } = serve(server);
    const check = await service.verifyKey('groq', 'two\nlines of it', {
      signal: new AbortController().signal,
      timeMs: 5000,
    });
    expect([check.verdict, server.requests]).toEqual(['rejected', []]);
    expect(check.message).not.toContain('two');
  });
});

/** Proves that every way in which a request can fail has its code, its count, and its end in time. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClient } from '../../../operator/src/runtime/api-client.ts';
import { ApiError, type ApiErrorCode } from '../../../operator/src/runtime/api-error.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import { systemClock } from '../../../operator/src/runtime/clock.ts';
import { createConnection } from '../../../operator/src/runtime/connection.ts';
import { createMetrics, type Metrics } from '../../../operator/src/runtime/metrics.ts';
import { configMaps, pods } from '../../../operator/src/runtime/resources.ts';
import { createManualClock } from '../../../operator/src/runtime/testing/manual-clock.ts';
import { createTransport } from '../../../operator/src/runtime/transport.ts';
import { plainKubeConfig } from './harness.ts';

let server: Server;
let url: string;
let client: Client;
let metrics: Metrics;
let respond: RequestListener;
let requests: IncomingMessage[];
const sockets = new Set<object>();

beforeEach(async () => {
  requests = [];
  sockets.clear();
  server = createServer((request, response) => {
    requests.push(request);
    sockets.add(request.socket);
    respond(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  metrics = createMetrics();
  const transport = createTransport({
    connection: createConnection(plainKubeConfig(url), systemClock),
    clock: systemClock,
    metrics,
    userAgent: 'unit/1',
  });
  client = createClient({ transport, fieldManager: 'unit' });
});

afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const status =
  (code: number, body: unknown, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(code, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const failureOf = (promise: Promise<unknown>): Promise<ApiError> =>
  promise.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(ApiError);
      return error as ApiError;
    },
  );

const get = (timeoutMs = 500) => client.get(pods, { namespace: 'n', name: 'p' }, { timeoutMs });

const answers: [string, RequestListener, ApiErrorCode, string][] = [
  ['401', status(401, { message: 'no' }), 'Unauthorized', '401'],
  ['403', status(403, { message: 'no', reason: 'Forbidden' }), 'Forbidden', '403'],
  ['404', status(404, { message: 'no' }), 'NotFound', '404'],
  ['409 of a version', status(409, { reason: 'Conflict' }), 'Conflict', '409'],
  ['409 of a name', status(409, { reason: 'AlreadyExists' }), 'AlreadyExists', '409'],
  ['410', status(410, { reason: 'Expired' }), 'Expired', '410'],
  ['422', status(422, { reason: 'Invalid' }), 'Invalid', '422'],
  ['429', status(429, {}), 'TooManyRequests', '429'],
  ['500', status(500, ''), 'ServerError', '500'],
  ['a proxy that speaks HTML', status(502, '<html>Bad gateway</html>'), 'ServerError', '502'],
  ['504', status(504, {}), 'Timeout', '504'],
  ['a success that is no JSON', status(200, '<html>'), 'Malformed', '200'],
  ['no answer at all', () => {}, 'Timeout', '<error>'],
  ['a reset', (request) => void request.socket.resetAndDestroy(), 'Unreachable', '<error>'],
  [
    'an answer that stops in the middle',
    (_request, response) => void response.writeHead(200, { 'content-length': '100' }).write('{'),
    'Timeout',
    '200',
  ],
  [
    'an answer that breaks in the middle',
    (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{', () => request.socket.destroy());
    },
    'Unreachable',
    '200',
  ],
];

describe('a request', () => {
  test.each(answers)('answered with %s', async (_name, answer, code, counted) => {
    respond = answer;
    const before = performance.now();
    const failure = await failureOf(get());
    expect(failure.code).toBe(code);
    expect(failure.message).toContain('GET /api/v1/namespaces/n/pods/p');
    expect(failure.remedy).not.toBe('');
    expect(performance.now() - before).toBeLessThan(3_000);
    const counts = await metrics.registry.getSingleMetricAsString('rest_client_requests_total');
    expect(counts).toContain(
      `rest_client_requests_total{method="GET",host="${new URL(url).host}",code="${counted}"} 1`,
    );
  });

  test('tells how long the server wants to be left alone, by header or by body', async () => {
    respond = status(429, {}, { 'retry-after': '7' });
    expect((await failureOf(get())).retryAfterMs).toBe(7_000);
    respond = status(500, { details: { retryAfterSeconds: 3 } });
    expect((await failureOf(get())).retryAfterMs).toBe(3_000);
    respond = status(429, {}, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' });
    expect((await failureOf(get())).retryAfterMs).toBeUndefined();
  });

  test('says who asks, and a connection serves many', async () => {
    respond = status(200, { metadata: {} });
    for (let i = 0; i < 10; i++) await get();
    expect(requests[0]?.headers['user-agent']).toBe('unit/1');
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  test('given up by its caller ends at once, also while the body flows', async () => {
    respond = (_request, response) => void response.writeHead(200).write('{');
    const abort = new AbortController();
    const failure = failureOf(client.get(pods, { namespace: 'n', name: 'p' }, { signal: abort.signal }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    abort.abort();
    expect((await failure).code).toBe('Aborted');
  });

  test('is refused once the client is closed', async () => {
    await client.close();
    expect((await failureOf(get())).code).toBe('Aborted');
    expect(requests).toEqual([]);
  });

  test('is put into the words of the API', async () => {
    respond = status(200, { metadata: {} });
    await client.apply(configMaps, {
      metadata: { namespace: 'n', name: 'c' },
      data: { a: undefined as never, b: '1' },
    });
    await client.applyStatus(pods, { metadata: { namespace: 'n', name: 'p' }, status: {} });
    await client.delete(pods, { namespace: 'n', name: 'p' }, { uid: 'u' });
    await client.list(configMaps, { labelSelector: 'a=b', limit: 5 });
    expect(requests.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
      'PATCH /api/v1/namespaces/n/configmaps/c?fieldManager=unit&force=true&fieldValidation=Strict',
      'PATCH /api/v1/namespaces/n/pods/p/status?fieldManager=unit&force=true&fieldValidation=Strict',
      'DELETE /api/v1/namespaces/n/pods/p',
      'GET /api/v1/configmaps?labelSelector=a%3Db&limit=5',
    ]);
    expect(requests[0]?.headers['content-type']).toBe('application/apply-patch+yaml');
  });

  test('for a namespaced object without a namespace is refused here: it would name something else', async () => {
    await expect(async () => client.get(pods, { name: 'p' })).rejects.toBeInstanceOf(RangeError);
  });
});

test('a token that was renewed on disk is used within a minute, on the same connections', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'codesage-token-'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'first');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'c', server: url, skipTLSVerify: true },
    { name: 'u', authProvider: { name: 'tokenFile', config: { tokenFile } } },
  );
  const clock = createManualClock();
  const connection = createConnection(config, clock);
  const { headers, dispatcher } = await connection.credentials();
  expect(headers.Authorization).toBe('Bearer first');
  await writeFile(tokenFile, 'second');
  expect((await connection.credentials()).headers.Authorization).toBe('Bearer first');
  // client-node reads the file anew after a minute of the wall clock, we after a minute of ours.
  const authenticators = config as unknown as { authenticators: { lastRead?: Date }[] };
  for (const one of authenticators.authenticators) if (one.lastRead) one.lastRead = new Date(0);
  await clock.advance(60_000);
  const renewed = await connection.credentials();
  expect(renewed.headers.Authorization).toBe('Bearer second');
  expect(renewed.dispatcher).toBe(dispatcher);
  await connection.close();
  await rm(folder, { recursive: true });
});

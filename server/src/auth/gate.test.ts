/** Decides whether the gate passes and refuses by the mode, counts what it refuses, and follows new settings. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authSchema } from '../contract.ts';
import { assembleApps, post } from '../testing/assemble.ts';
import { anonymous } from './caller.ts';
import { type AuthGate, createAuthGate } from './gate.ts';

const token = 'alice-0123456789-0123456789';
const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_codebases' } };
let directory = '';
let refused: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'codesage-gate-'));
  await writeFile(join(directory, 'alice'), token);
});
afterAll(() => rm(directory, { recursive: true }));

async function gateOf(auth: object, log = pino({ level: 'silent' })): Promise<AuthGate> {
  refused = [];
  const observe = (reason: string) => void refused.push(reason);
  return createAuthGate(authSchema.parse(auth), { log, clock: () => 0, observe });
}
const byToken = (more: object = {}) => ({ mode: 'Token', tokenDirectory: directory, ...more });
const reachedBy = () => ({ host: 'a', forwardedProto: undefined, basePath: '/' });
const bearer = { Authorization: `Bearer ${token}` };

test('in the mode None everybody passes, with whatever they bring', async () => {
  const gate = await gateOf({});
  expect(gate.admit({ url: '/mcp?token=x', authorization: 'x', reachedBy })).toEqual({ caller: anonymous });
  expect(refused).toEqual([]);
});

test('[auth.token] /mcp asks for a token by every method, and the root for none', async () => {
  const auth = await gateOf(byToken());
  const { app } = assembleApps({ auth });
  const [none, wrong, right] = [
    await post(app, call),
    await post(app, call, { Authorization: 'Bearer wrong' }),
    await post(app, call, bearer),
  ];
  expect([none.status, wrong.status, right.status]).toEqual([401, 401, 200]);
  expect(none.headers.get('WWW-Authenticate')).toBe('Bearer');
  expect(await wrong.json()).toMatchObject({
    jsonrpc: '2.0',
    id: null,
    error: { message: 'The token is not known here.' },
  });
  expect((await app.request('/mcp')).status).toBe(401);
  expect((await app.request('/mcp', { method: 'DELETE' })).status).toBe(401);
  expect((await app.request('/mcp', { headers: bearer })).status).toBe(405);
  expect((await app.request('/')).status).toBe(200);
  expect(refused).toEqual(['missing', 'unknown', 'missing', 'missing']);
  auth.close();
});

test('[auth.challenge] a token in the URL is refused, even a right one, even beside a right header', async () => {
  const auth = await gateOf(byToken());
  const { app } = assembleApps({ auth });
  const response = await app.request(`/mcp?access_token=${token}`, { method: 'POST', headers: bearer, body: '{}' });
  expect(response.status).toBe(400);
  expect(await response.text()).not.toContain(token);
  expect(refused).toEqual(['in_query']);
  auth.close();
});

test('[auth.token] the body of a request without a token is not read', async () => {
  const auth = await gateOf(byToken());
  const { app } = assembleApps({ auth, limits: { bodyBytes: 10 } });
  expect((await post(app, call)).status).toBe(401);
  expect((await post(app, 'not json')).status).toBe(401);
  expect((await post(app, call, bearer)).status).toBe(413);
  auth.close();
});

test('[auth.challenge] a page of an allowed origin asks first, without a token, and may read the refusal', async () => {
  const auth = await gateOf(byToken());
  const origin = 'https://chat.example.com';
  const { app } = assembleApps({ auth, config: { http: { allowedOrigins: [origin] } } });
  const preflight = await app.request('/mcp', {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('Access-Control-Allow-Headers')).toContain('authorization');
  const refusal = await post(app, call, { Origin: origin });
  expect(refusal.status).toBe(401);
  expect(refusal.headers.get('Access-Control-Allow-Origin')).toBe(origin);
  expect(refusal.headers.get('Access-Control-Expose-Headers')).toContain('WWW-Authenticate');
  auth.close();
});

test('[auth.challenge] the Origin is looked at before the token', async () => {
  const auth = await gateOf(byToken());
  const { app } = assembleApps({ auth });
  expect((await post(app, call, { ...bearer, Origin: 'https://evil.example.com' })).status).toBe(403);
  expect(refused).toEqual([]);
  auth.close();
});

test('[auth.scopes] a limited token sees its codebases, in every form of a request', async () => {
  const auth = await gateOf(byToken({ grants: [{ name: 'alice', codebases: ['other'] }] }));
  const { app } = assembleApps({ auth });
  const answers = [
    await post(app, call, bearer),
    // With progress the SDK answers, not the shortcut.
    await post(app, { ...call, params: { ...call.params, _meta: { progressToken: 1 } } }, bearer),
  ];
  for (const answer of answers) {
    const text = await answer.text();
    expect(text).toContain('codebases');
    expect(text).not.toContain('shop');
  }
  auth.close();
});

test('[auth.token] a server that stops asking for tokens warns of it', async () => {
  const lines: string[] = [];
  const gate = await gateOf(byToken(), pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }));
  await gate.use(authSchema.parse({}));
  expect(lines).toEqual([expect.stringContaining('whoever reaches the port may search')]);
  gate.close();
});

test('new settings are followed; those that cannot be used leave the old ones as they are', async () => {
  const gate = await gateOf(byToken());
  const ask = () => gate.admit({ url: '/mcp', authorization: `Bearer ${token}`, reachedBy });
  await expect(gate.use(authSchema.parse(byToken({ tokenDirectory: '/nowhere' })))).rejects.toMatchObject({
    code: 'ConfigInvalid',
  });
  expect(ask()).toMatchObject({ caller: { codebases: 'all' } });
  await gate.use(authSchema.parse(byToken({ grants: [{ name: 'alice', codebases: ['shop'] }] })));
  expect(ask()).toMatchObject({ caller: { codebases: new Set(['shop']) } });
  await gate.use(authSchema.parse({}));
  expect(ask()).toEqual({ caller: anonymous });
  gate.close();
});

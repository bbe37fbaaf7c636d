/** Decides that the operator passes with the internal token where clients need one of their own, and that nobody else does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, expect, test } from 'vitest';
import { createAuthGate } from '../auth/gate.ts';
import { authSchema, headers } from '../contract.ts';
import { assembleApps, post } from '../testing/assemble.ts';

const directory = mkdtempSync(join(tmpdir(), 'codesage-test-'));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'ci'), 'a-token-of-some-length-for-ci');

const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_codebases' } };
const internal = 'the-internal-token-of-this-server';

test.each<{ what: string; token: string | undefined; sent: Record<string, string>; status: number }>([
  { what: 'the internal token', token: internal, sent: { [headers.internalToken]: internal }, status: 200 },
  { what: 'another internal token', token: internal, sent: { [headers.internalToken]: 'other' }, status: 401 },
  {
    what: 'an empty header where there is no internal token',
    token: undefined,
    sent: { [headers.internalToken]: '' },
    status: 401,
  },
  {
    what: 'the internal token as a bearer',
    token: internal,
    sent: { Authorization: `Bearer ${internal}` },
    status: 401,
  },
  {
    what: 'a token of a client',
    token: internal,
    sent: { Authorization: 'Bearer a-token-of-some-length-for-ci' },
    status: 200,
  },
  { what: 'nothing', token: internal, sent: {}, status: 401 },
])('[operator.verified] $what: $status', async ({ token, sent, status }) => {
  const auth = await createAuthGate(authSchema.parse({ mode: 'Token', tokenDirectory: directory }), {
    log: pino({ level: 'silent' }),
    clock: Date.now,
    observe: () => {},
  });
  const { app } = assembleApps({ auth, ...(token !== undefined && { token }) });
  expect((await post(app, call, sent)).status).toBe(status);
  auth.close();
});

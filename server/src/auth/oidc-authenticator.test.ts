/** Decides whether only tokens that a provider made for this server, and that still count, are taken for one. */
import { createHmac, createPublicKey } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { authSchema } from '../contract.ts';
import { KeySet } from './key-set.ts';
import { createOidcAuthenticator } from './oidc-authenticator.ts';
import type { Verdict } from './verdict.ts';

const issuer = 'https://id.example.com';
const startMs = Date.parse('2026-11-23T12:00:00Z');
const seconds = startMs / 1000;
const [rsa, ec, stranger] = await Promise.all([
  generateKeyPair('RS256'),
  generateKeyPair('ES256'),
  generateKeyPair('RS256'),
]);
const publicJwk = async (pair: typeof rsa, kid: string) => ({ ...(await exportJWK(pair.publicKey)), kid });

async function makeAuthenticator({
  oidc = {},
  grants = [],
}: {
  oidc?: object;
  grants?: { name: string; codebases: string[] }[];
} = {}) {
  const at = {
    now: startMs,
    keys: [await publicJwk(rsa, 'rsa'), await publicJwk(ec, 'ec')] as object[],
    isDown: false,
  };
  const fetchKeys = async () => {
    if (at.isDown) throw new Error('connection refused');
    return { keys: at.keys };
  };
  const keys = new KeySet({ fetchKeys, log: pino({ level: 'silent' }), clock: () => at.now });
  const settings = authSchema.parse({ mode: 'OIDC', oidc: { issuerURL: issuer, audience: 'code', ...oidc }, grants });
  if (settings.oidc === undefined) throw new Error('unreachable');
  const clock = () => at.now;
  const { authenticate } = createOidcAuthenticator({
    oidc: settings.oidc,
    grants,
    issuers: () => [issuer],
    keys,
    clock,
  });
  return { authenticate, at };
}

const claims = { iss: issuer, aud: 'code', sub: 'alice', scope: 'mcp', exp: seconds + 3600 };
const signed = (payload: JWTPayload, { alg = 'RS256', kid = 'rsa', key = rsa.privateKey, typ = 'at+jwt' } = {}) =>
  new SignJWT(payload).setProtectedHeader({ alg, ...(kid !== '' && { kid }), ...(typ !== '' && { typ }) }).sign(key);
const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

async function reasonOf(verdict: Verdict | Promise<Verdict>): Promise<string> {
  const settled = await verdict;
  return settled.refusal === undefined ? `let in as ${settled.caller.name}` : settled.refusal.reason;
}

test.each<[string, () => Promise<string>]>([
  ['an RSA key', () => signed(claims)],
  ['an elliptic key', () => signed(claims, { alg: 'ES256', kid: 'ec', key: ec.privateKey })],
  ['no name of its key', () => signed(claims, { kid: '' })],
  ['no type', () => signed(claims, { typ: '' })],
  ['the type JWT', () => signed(claims, { typ: 'JWT' })],
  ['several audiences', () => signed({ ...claims, aud: ['other', 'code'] })],
  ['a clock that is some seconds behind', () => signed({ ...claims, exp: seconds - 20 })],
  ['a clock that is some seconds ahead', () => signed({ ...claims, nbf: seconds + 20 })],
])('[auth.oidc] a token with %s is let in', async (_what, make) => {
  const { authenticate } = await makeAuthenticator();
  expect(await reasonOf(authenticate(await make()))).toBe('let in as alice');
});

/** A token whose signature is an HMAC with the provider's public key for its secret (CVE-2015-9235 and its like). */
async function confused(): Promise<string> {
  const head = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'rsa', typ: 'at+jwt' })).toString('base64url');
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const secret = await exportSPKI(rsa.publicKey);
  return `${head}.${body}.${createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')}`;
}

/** A token that brings the key to verify it with. */
async function selfMade(): Promise<string> {
  const jwk = await exportJWK(stranger.publicKey);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', jwk, jku: 'https://evil.example.com/keys' })
    .sign(stranger.privateKey);
}

const tampered = async () => {
  const [head, , signature] = (await signed(claims)).split('.');
  return `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url')}.${signature}`;
};

test.each<[string, string, () => string | Promise<string>]>([
  ['another issuer', 'issuer', () => signed({ ...claims, iss: 'https://evil.example.com' })],
  ['an issuer that only begins alike', 'issuer', () => signed({ ...claims, iss: `${issuer}.evil.example.com` })],
  ['no issuer', 'issuer', () => signed(without('iss'))],
  ['another audience', 'audience', () => signed({ ...claims, aud: 'other' })],
  ['no audience', 'audience', () => signed(without('aud'))],
  ['its time over', 'expired', () => signed({ ...claims, exp: seconds - 31 })],
  ['no end', 'expired', () => signed(without('exp'))],
  ['an end that is no number', 'expired', () => signed({ ...claims, exp: 'tomorrow' as unknown as number })],
  ['its time to come', 'not_yet_valid', () => signed({ ...claims, nbf: seconds + 31 })],
  ['nobody behind it', 'unknown', () => signed(without('sub'))],
  ['the key of a stranger', 'signature', () => signed(claims, { key: stranger.privateKey })],
  ['the key of a stranger, unnamed', 'signature', () => signed(claims, { key: stranger.privateKey, kid: '' })],
  ['a key that there is not', 'signature', () => signed(claims, { kid: 'nowhere', key: stranger.privateKey })],
  ['a key of its own in it', 'signature', selfMade],
  ['changed claims', 'signature', tampered],
  ['no signature at all', 'signature', () => new UnsecuredJWT(claims).encode()],
  ['a secret made of the public key', 'signature', confused],
  ['the algorithm of another key', 'signature', () => signed(claims, { kid: 'ec' })],
  ['the type of a logout', 'malformed', () => signed(claims, { typ: 'logout+jwt' })],
  ['no form of a JWT', 'malformed', () => 'opaque-token'],
  ['nothing between its dots', 'malformed', () => '..'],
])('[auth.oidc] a token with %s is refused: %s', async (_what, reason, make) => {
  const { authenticate } = await makeAuthenticator();
  expect(await reasonOf(authenticate(await make()))).toBe(reason);
});

test('[auth.oidc] scopes that every token must have are asked for, all of them', async () => {
  const { authenticate } = await makeAuthenticator({ oidc: { requiredScopes: ['mcp', 'read'] } });
  expect(await authenticate(await signed(claims))).toMatchObject({
    refusal: { reason: 'scope', scopes: ['mcp', 'read'] },
  });
  expect(await reasonOf(authenticate(await signed({ ...claims, scope: undefined, scp: ['read', 'mcp'] })))).toBe(
    'let in as alice',
  );
});

test.each([
  ['codebase:shop codebase:bank', new Set(['shop', 'bank'])],
  ['codebase:*', 'all'],
  ['mcp', new Set()],
])('[auth.scopes] a token with %j sees what its scopes name', async (scope, codebases) => {
  const { authenticate } = await makeAuthenticator({ oidc: { codebaseScopePrefix: 'codebase:' } });
  expect(await authenticate(await signed({ ...claims, scope }))).toEqual({ caller: { name: 'alice', codebases } });
});

test('[auth.scopes] without a prefix grants say what a subject sees', async () => {
  const { authenticate } = await makeAuthenticator({ grants: [{ name: 'alice', codebases: ['shop'] }] });
  expect(await authenticate(await signed(claims))).toMatchObject({ caller: { codebases: new Set(['shop']) } });
  expect(await authenticate(await signed({ ...claims, sub: 'bob' }))).toMatchObject({
    caller: { codebases: new Set() },
  });
});

test('[auth.oidc] a token that was verified is known at once, as the same caller, until it expires', async () => {
  const { authenticate, at } = await makeAuthenticator();
  const token = await signed({ ...claims, exp: seconds + 60 });
  const first = await authenticate(token);
  const again = authenticate(token);
  expect(again).not.toBeInstanceOf(Promise);
  expect((again as { caller: object }).caller).toBe((first as { caller: object }).caller);
  at.now = startMs + 91_000;
  expect(await reasonOf(authenticate(token))).toBe('expired');
});

test('[auth.oidc] a key that the provider withdrew takes its verified tokens along', async () => {
  const { authenticate, at } = await makeAuthenticator();
  const token = await signed(claims);
  expect(await reasonOf(authenticate(token))).toBe('let in as alice');
  at.keys = [await publicJwk(ec, 'ec')];
  at.now = startMs + 301_000;
  expect(await reasonOf(authenticate(token))).toBe('signature');
});

test('[auth.oidc] keys that changed elsewhere keep the caller that a token stands for', async () => {
  const { authenticate, at } = await makeAuthenticator();
  const token = await signed(claims);
  const callerOf = async () => {
    const verdict = await authenticate(token);
    return verdict.refusal === undefined ? verdict.caller : undefined;
  };
  const first = await callerOf();
  at.keys = [...at.keys, await publicJwk(stranger, 'new')];
  at.now = startMs + 301_000;
  expect(first).toBeDefined();
  expect(await callerOf()).toBe(first);
});

test('[auth.oidc] in an outage known keys serve; without any the client is asked to come again', async () => {
  const { authenticate, at } = await makeAuthenticator();
  at.isDown = true;
  expect(await authenticate(await signed(claims))).toMatchObject({
    refusal: { reason: 'unavailable', retryAfterSeconds: expect.any(Number) },
  });
  at.isDown = false;
  at.now += 20_000;
  expect(await reasonOf(authenticate(await signed(claims)))).toBe('let in as alice');
  at.isDown = true;
  at.now += 1_000_000;
  expect(await reasonOf(authenticate(await signed({ ...claims, jti: 'new' })))).toBe('let in as alice');
});

test('the confused token is what it is meant to be', async () => {
  const [head, body, signature] = (await confused()).split('.');
  const secret = createPublicKey(await exportSPKI(rsa.publicKey)).export({ type: 'spki', format: 'pem' });
  expect(createHmac('sha256', secret.toString().trim()).update(`${head}.${body}`).digest('base64url')).toBe(signature);
});

/** Decides whether the real server and a real OpenID provider get along: tokens, faults, keys that change, outages. */
import { createHmac } from 'node:crypto';
import { exportSPKI, type JWTPayload, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../mcp/support/server-process.ts';
import {
  ask,
  choosePorts,
  createWorkspace,
  type GuardedServer,
  startGuarded,
  statusWith,
  type Workspace,
} from './support/guarded-server.ts';
import {
  createProvider,
  makeKey,
  type ProviderProcess,
  type SigningKey,
  signWith,
} from './support/provider-process.ts';

const scopes = 'mcp codebase:shop codebase:*';
let workspace: Workspace;
let provider: ProviderProcess;
let server: GuardedServer;
let key: SigningKey;
let stranger: SigningKey;
let resource: string;

beforeAll(async () => {
  const ports = await choosePorts();
  resource = ports.url;
  [workspace, provider, key, stranger] = await Promise.all([
    createWorkspace(),
    createProvider(resource, scopes),
    makeKey('first'),
    makeKey('first'),
  ]);
  const oidc = {
    issuerURL: provider.issuer,
    audience: resource,
    requiredScopes: ['mcp'],
    codebaseScopePrefix: 'codebase:',
  };
  // The provider is not there yet: the server starts all the same.
  server = await startGuarded(workspace, { auth: { mode: 'OIDC', oidc } }, ports);
});
afterAll(async () => {
  await server?.stop();
  await provider?.stop();
  await workspace?.remove();
});

const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: provider.issuer,
  aud: resource,
  sub: 'alice',
  scope: 'mcp codebase:shop',
  exp: Math.floor(Date.now() / 1000) + 600,
  ...more,
});

async function codebasesSeen(token: string): Promise<string[]> {
  const response = await ask(resource, {
    era: '2025',
    token,
    method: 'tools/call',
    params: { name: 'list_codebases' },
  });
  const { result } = (await response.json()) as { result: { structuredContent: { codebases: { name: string }[] } } };
  return result.structuredContent.codebases.map(({ name }) => name);
}

test('[auth.oidc] while the provider was never there, clients are asked to come again, and the server is ready', async () => {
  const response = await ask(resource, { era: '2025', token: await signWith(key, claims()), method: 'tools/list' });
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(response.headers.get('WWW-Authenticate')).toBeNull();
  expect((await fetch(new URL('/readyz', server.internal))).status).toBe(200);
  expect(server.logs()).toContain('The OpenID provider cannot be asked for its keys');
});

describe('with the provider', () => {
  beforeAll(async () => {
    await provider.start([key]);
    const token = await signWith(key, claims());
    await eventually(async () => (await statusWith(resource, token)) === 200, 'the keys to be read', server.logs);
  });

  test('[auth.oidc] [auth.scopes] a token by client credentials lets in, and sees the codebases of its scopes', async () => {
    expect(await codebasesSeen(await provider.token('ci', 'mcp codebase:shop'))).toEqual(['shop']);
    expect(await codebasesSeen(await provider.token('admin', 'mcp codebase:*'))).toEqual(['shop', 'secret']);
    expect(await codebasesSeen(await provider.token('ci', 'mcp'))).toEqual([]);
  });

  test('[auth.challenge] a token without the scope that all need is told which, with 403', async () => {
    const token = await provider.token('poor', 'codebase:shop');
    const response = await ask(resource, { era: '2026', token, method: 'tools/list' });
    expect(response.status).toBe(403);
    const challenge = response.headers.get('WWW-Authenticate') ?? '';
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain('scope="mcp"');
    expect(challenge).toContain('resource_metadata="');
  });

  const unsigned = async () => new UnsecuredJWT(claims()).encode();
  const hmacWithPublicKey = async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${encode({ alg: 'HS256', kid: key.kid, typ: 'at+jwt' })}.${encode(claims())}`;
    const secret = await exportSPKI(key.publicKey);
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };

  test.each<[string, () => Promise<string>]>([
    ['for another audience', () => signWith(key, claims({ aud: 'https://other.example.com/mcp' }))],
    ['of another issuer', () => signWith(key, claims({ iss: 'https://id.example.com' }))],
    ['that has expired', () => signWith(key, claims({ exp: Math.floor(Date.now() / 1000) - 60 }))],
    ['that is not valid yet', () => signWith(key, claims({ nbf: Math.floor(Date.now() / 1000) + 120 }))],
    ['without an end', () => signWith(key, { iss: provider.issuer, aud: resource, sub: 'alice', scope: 'mcp' })],
    ["of a stranger's key under the same name", () => signWith(stranger, claims())],
    ['without a signature', unsigned],
    ['with an HMAC by the public key', hmacWithPublicKey],
  ])('[auth.oidc] a token %s is refused', async (_what, make) => {
    const response = await ask(resource, { era: '2025', token: await make(), method: 'tools/list' });
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toContain('error="invalid_token"');
  });

  test('[auth.metadata] the document is found by the refusal and where RFC 9728 puts it', async () => {
    const refusal = await ask(resource, { era: '2025', method: 'tools/list' });
    expect(refusal.status).toBe(401);
    const challenge = refusal.headers.get('WWW-Authenticate') ?? '';
    const named = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '';
    expect(named).toBe(new URL('/.well-known/oauth-protected-resource/mcp', resource).href);
    expect(challenge).not.toContain('error=');
    for (const url of [named, new URL('/.well-known/oauth-protected-resource', resource)]) {
      const response = await fetch(url);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        resource,
        authorization_servers: [provider.issuer],
        bearer_methods_supported: ['header'],
        scopes_supported: ['mcp'],
      });
    }
  });

  test('[auth.audit] the log names the caller and never a token', async () => {
    const token = await provider.token('ci', 'mcp codebase:shop');
    await codebasesSeen(token);
    await eventually(
      async () => server.lines().some((line) => line.audit === true && line.caller === 'ci'),
      'the line of the call',
      server.logs,
    );
    expect(server.logs()).not.toContain(token.split('.')[2]);
  });

  test('[auth.oidc] a new key is fetched when a token names it, and a withdrawn one ends its tokens', async () => {
    const next = await makeKey('second');
    const old = await signWith(key, claims());
    expect(await statusWith(resource, old)).toBe(200);
    await provider.start([next]);
    const fresh = await signWith(next, claims());
    // Not in every request, so it may take as long as the pause between two fetches.
    await eventually(async () => (await statusWith(resource, fresh)) === 200, 'the new key to be known', server.logs);
    expect(await statusWith(resource, old)).toBe(401);
    expect(await codebasesSeen(await provider.token('ci', 'mcp codebase:shop'))).toEqual(['shop']);
    key = next;
  });

  test('[auth.oidc] in an outage tokens of known keys go on, those of unknown ones are asked to come again', async () => {
    const before = await provider.token('ci', 'mcp codebase:shop');
    await provider.stop();
    expect(await statusWith(resource, before)).toBe(200);
    expect(await statusWith(resource, await signWith(key, claims({ jti: 'never seen' })))).toBe(200);
    const unknown = await signWith(await makeKey('third'), claims());
    await eventually(async () => (await statusWith(resource, unknown)) === 503, 'a look at the provider', server.logs);
    await provider.start([key]);
    await eventually(async () => (await statusWith(resource, unknown)) === 401, 'the outage to be over', server.logs);
  });
});

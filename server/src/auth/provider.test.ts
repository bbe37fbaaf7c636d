/** Decides whether a provider is found by its issuer, in all the places it may be, and nobody else in its place. */
import { expect, test } from 'vitest';
import { oidcSchema } from '../contract.ts';
import { FetchError } from './fetch-json.ts';
import { discover } from './provider.ts';

const oidc = (more: object = {}) =>
  oidcSchema.parse({ issuerURL: 'https://id.example.com/realms/a', audience: 'x', ...more });
const document = (more: object = {}) => ({
  issuer: 'https://id.example.com/realms/a',
  jwks_uri: 'https://id.example.com/keys',
  ...more,
});

/** A provider that has documents at these URLs only. */
function provider(documents: Record<string, unknown>) {
  const asked: string[] = [];
  const getJson = async (url: string) => {
    asked.push(url);
    if (url in documents) return documents[url];
    throw new FetchError(`${url} answered 404`, { status: 404 });
  };
  return { asked, getJson };
}

test.each([
  ['https://id.example.com/realms/a', 'https://id.example.com/realms/a/.well-known/openid-configuration'],
  ['https://id.example.com/realms/a/', 'https://id.example.com/realms/a/.well-known/openid-configuration'],
  ['https://id.example.com/realms/a', 'https://id.example.com/.well-known/oauth-authorization-server/realms/a'],
])('%s has its document at %s', async (issuerURL, url) => {
  const { getJson } = provider({ [url]: document() });
  expect(await discover(oidc({ issuerURL }), getJson)).toEqual({
    issuers: ['https://id.example.com/realms/a'],
    jwksURL: 'https://id.example.com/keys',
  });
});

test('with keys configured nothing is asked', async () => {
  const { asked, getJson } = provider({});
  expect(await discover(oidc({ jwksURL: 'https://id.example.com/k' }), getJson)).toEqual({
    issuers: ['https://id.example.com/realms/a', 'https://id.example.com/realms/a/'],
    jwksURL: 'https://id.example.com/k',
  });
  expect(asked).toEqual([]);
});

test.each([
  ['another issuer', document({ issuer: 'https://evil.example.com' }), 'another issuer'],
  ['keys without TLS', document({ jwks_uri: 'http://id.example.com/keys' }), 'without TLS'],
  ['keys that are no URL', document({ jwks_uri: 'keys' }), 'without issuer and jwks_uri'],
  ['no keys', { issuer: 'https://id.example.com/realms/a' }, 'without issuer and jwks_uri'],
  ['no object', 'text', 'without issuer and jwks_uri'],
])('[auth.oidc] a document with %s is refused', async (_what, found, message) => {
  const { getJson } = provider({ 'https://id.example.com/realms/a/.well-known/openid-configuration': found });
  await expect(discover(oidc(), getJson)).rejects.toThrow(message);
});

test('an outage is not taken for a missing document', async () => {
  const asked: string[] = [];
  const getJson = async (url: string) => {
    asked.push(url);
    throw new FetchError('no route to host');
  };
  await expect(discover(oidc(), getJson)).rejects.toThrow('no route');
  expect(asked).toHaveLength(1);
});

test.each([
  ['https://id.example.com', true],
  ['http://localhost:8080/realms/a', true],
  ['http://127.0.0.1:8080', true],
  ['http://[::1]:8080', true],
  ['http://keycloak.id.svc', true],
  ['http://keycloak.id.svc.cluster.local:8080', true],
  ['http://id.example.com', false],
  ['http://svc', false],
  ['http://evil.svc.example.com', false],
  ['http://localhost.evil.example.com', false],
  ['ftp://id.example.com', false],
  ['id.example.com', false],
])('[auth.oidc] an issuer at %s may be configured: %s', (issuerURL, isAllowed) => {
  expect(oidcSchema.safeParse({ issuerURL, audience: 'x' }).success).toBe(isAllowed);
});

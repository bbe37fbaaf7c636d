/** Decides whether clients are told the right URLs, whatever stands in front of the server and whatever a header says. */
import { describe, expect, test } from 'vitest';
import { authSchema } from '../contract.ts';
import { isMetadataPath, metadataOf, metadataURL, resourceURL } from './resource.ts';

const auth = authSchema.parse({
  mode: 'OIDC',
  oidc: { issuerURL: 'https://id.example.com/realms/a', audience: 'code', requiredScopes: ['mcp'] },
});
const by = (host?: string, forwardedProto?: string, basePath = '/') => ({ host, forwardedProto, basePath });

test.each([
  [by('code.example.com'), 'http://code.example.com/mcp'],
  [by('code.example.com', 'https'), 'https://code.example.com/mcp'],
  [by('code.example.com:8443', 'https', '/team/code/'), 'https://code.example.com:8443/team/code/mcp'],
  [by('127.0.0.1:8000'), 'http://127.0.0.1:8000/mcp'],
  [by('[::1]:8000'), 'http://[::1]:8000/mcp'],
  [by('localhost', 'https,http'), 'http://localhost/mcp'],
  [by('localhost', 'javascript'), 'http://localhost/mcp'],
])('the resource reached by %j', (request, url) => {
  expect(resourceURL(auth, request)).toBe(url);
});

test.each([
  undefined,
  '',
  'a b',
  'a/b',
  'a@b',
  'a"b',
  'a\\b',
  'evil.com/x?',
  '#',
  '-a',
  'a:b:c',
  'a:999999',
  'x'.repeat(300),
])('a Host header that is none tells nothing: %j', (host) => {
  expect(resourceURL(auth, by(host))).toBeUndefined();
});

test('a configured URL counts for more than any header', () => {
  const configured = { ...auth, resourceURL: 'https://code.example.com/mcp' };
  expect(resourceURL(configured, by('evil.example.com', 'http'))).toBe('https://code.example.com/mcp');
});

test.each([
  ['https://code.example.com/mcp', 'https://code.example.com/.well-known/oauth-protected-resource/mcp'],
  ['https://code.example.com/team/mcp', 'https://code.example.com/team/.well-known/oauth-protected-resource/mcp'],
  ['https://code.example.com/other', 'https://code.example.com/.well-known/oauth-protected-resource/other'],
])('the document about %s is at %s', (resource, url) => {
  expect(metadataURL(resource)).toBe(url);
});

describe('the document is found', () => {
  const name = '/.well-known/oauth-protected-resource';
  test.each([
    [name, '/', true],
    [`${name}/`, '/', true],
    [`${name}/mcp`, '/', true],
    [`${name}/mcp/`, '/', true],
    [`${name}/team`, '/team', true],
    [`${name}/team/mcp`, '/team', true],
    [`/team${name}`, '/team', true],
    [`/team${name}/mcp`, '/team/', true],
    [`${name}/other`, '/', false],
    [`${name}/team/mcp`, '/', false],
    [`${name}x`, '/', false],
    [`/other${name}`, '/team', false],
    ['/mcp', '/', false],
  ])('at %s with base path %s: %s', (path, basePath, isThere) => {
    expect(isMetadataPath(path, basePath)).toBe(isThere);
  });
});

test('[auth.metadata] the document names the provider, what every token needs, and no codebase', () => {
  const scoped = authSchema.parse({ ...auth, oidc: { ...auth.oidc, codebaseScopePrefix: 'codebase:' } });
  expect(metadataOf(scoped, 'https://code.example.com/mcp')).toEqual({
    resource: 'https://code.example.com/mcp',
    authorization_servers: ['https://id.example.com/realms/a'],
    bearer_methods_supported: ['header'],
    scopes_supported: ['mcp'],
    resource_name: 'CodeSage',
  });
  expect(metadataOf(authSchema.parse({ mode: 'Token' }), 'https://code.example.com/mcp')).toBeUndefined();
});

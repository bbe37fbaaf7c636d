/** Decides whether claims are read in all the forms that providers write them in. */
import { expect, test } from 'vitest';
import { nameOf, scopesOf } from './claims.ts';

test.each([
  [{ scope: 'mcp codebase:shop' }, ['mcp', 'codebase:shop']],
  [{ scope: ' mcp  mcp ' }, ['mcp']],
  [{ scp: ['mcp', 'x'] }, ['mcp', 'x']],
  [{ scp: 'mcp x' }, ['mcp', 'x']],
  [{ scope: 'a', scp: ['b'] }, ['a', 'b']],
  [{ scope: ['a b'] }, ['a b']],
  [{ scope: 7, scp: [7, null, 'a', ''] }, ['a']],
  [{ scope: { mcp: true } }, []],
  [{}, []],
])('scopes of %j', (claims, scopes) => {
  expect([...scopesOf(claims as Parameters<typeof scopesOf>[0])]).toEqual(scopes);
});

test.each([
  [{ sub: 'alice', client_id: 'ide' }, 'alice'],
  [{ client_id: 'ide', azp: 'other' }, 'ide'],
  [{ azp: 'ide' }, 'ide'],
  [{ sub: '', client_id: 'ide' }, 'ide'],
  [{ sub: 'x'.repeat(1000) }, 'x'.repeat(256)],
  [{}, undefined],
])('name of %j', (claims, name) => {
  expect(nameOf(claims)).toBe(name);
});

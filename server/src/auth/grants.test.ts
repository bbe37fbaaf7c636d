/** Decides whether grants and scopes name what a client sees, and never more by accident. */
import { expect, test } from 'vitest';
import { grantedByScopes, grantedTo } from './grants.ts';

const grants = [
  { name: 'ci', codebases: ['shop', 'bank'] },
  { name: 'root', codebases: ['*'] },
  { name: 'idle', codebases: [] },
];

test('without any grant everybody sees everything', () => {
  expect(grantedTo('anybody', [])).toBe('all');
});

test.each([
  ['ci', new Set(['shop', 'bank'])],
  ['root', 'all'],
  ['idle', new Set()],
  ['somebody', new Set()],
  ['CI', new Set()],
])('with grants %s sees what its own says', (name, codebases) => {
  expect(grantedTo(name, grants)).toEqual(codebases);
});

test.each([
  [['codebase:shop', 'codebase:bank', 'mcp'], new Set(['shop', 'bank'])],
  [['codebase:*'], 'all'],
  [['codebase:'], new Set()],
  [['mcp'], new Set()],
  [['xcodebase:shop', 'Codebase:shop'], new Set()],
  [[], new Set()],
])('scopes %j', (scopes, codebases) => {
  expect(grantedByScopes(new Set(scopes), 'codebase:')).toEqual(codebases);
});

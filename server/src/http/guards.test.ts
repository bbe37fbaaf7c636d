/** Decides whether the pure guards of the http port tell the good from the bad. */
import { describe, expect, test } from 'vitest';
import { stripBasePath } from './base-path.ts';
import { holdsToken } from './internal-token.ts';
import { isNestedDeeperThan } from './json-depth.ts';
import { isHostAllowed, isOriginAllowed } from './origin.ts';

describe('isNestedDeeperThan', () => {
  test.each([
    ['[[1]]', 2, false],
    ['[[[1]]]', 2, true],
    ['{"a":{"b":[]}}', 2, true],
    ['[1],[2],[3]', 1, false],
    ['"[[[[["', 1, false],
    ['"\\"[[[" ', 1, false],
    ['["\\\\",[1]]', 1, true],
    ['not json', 1, false],
  ])('%s at limit %i: %s', (text, max, expected) => {
    expect(isNestedDeeperThan(text, max)).toBe(expected);
  });
});

describe('isOriginAllowed', () => {
  test.each([
    ['no origin', undefined, 'code.example.com', [], true],
    ['an allowed origin', 'https://ide.example.com', 'code.example.com', ['https://ide.example.com'], true],
    ['any origin by *', 'https://x.example', 'code.example.com', ['*'], true],
    ['a foreign page', 'https://evil.example', 'localhost:8000', [], false],
    ['a local page to a local server', 'http://localhost:3000', '127.0.0.1:8000', [], true],
    ['a local page to a remote server', 'http://localhost:3000', 'code.example.com', [], false],
    ['an opaque origin', 'null', 'localhost:8000', [], false],
    ['a look-alike', 'http://localhost.evil.example', 'localhost:8000', [], false],
  ])('[server.origin-checked] %s', (_name, origin, host, allowed, expected) => {
    expect(isOriginAllowed(origin, host, allowed)).toBe(expected);
  });
});

describe('isHostAllowed', () => {
  test.each([
    ['127.0.0.1', 'localhost:8000', true],
    ['127.0.0.1', '127.0.0.1:8000', true],
    ['::1', '[::1]:8000', true],
    ['127.0.0.1', 'rebound.evil.example:8000', false],
    ['127.0.0.1', undefined, false],
    [undefined, 'code.example.com', true],
  ])('[server.origin-checked] bound to %s, asked as %s: %s', (bound, host, expected) => {
    expect(isHostAllowed(host, bound)).toBe(expected);
  });
});

describe('stripBasePath', () => {
  test.each([
    ['/shop/mcp', '/shop', '/mcp'],
    ['/shop/mcp', '/shop/', '/mcp'],
    ['/shop', '/shop', '/'],
    ['/mcp', '/shop', '/mcp'],
    ['/shopping/mcp', '/shop', '/shopping/mcp'],
    ['/mcp', '/', '/mcp'],
  ])('%s below %s is %s', (path, basePath, expected) => {
    expect(stripBasePath(path, basePath)).toBe(expected);
  });
});

describe('holdsToken', () => {
  test.each([
    ['Bearer secret', 'secret', true],
    ['Bearer secret2', 'secret', false],
    ['bearer secret', 'secret', false],
    ['secret', 'secret', false],
    ['Bearer ', '', false],
    [undefined, 'secret', false],
  ])('%s against %s: %s', (header, token, expected) => {
    expect(holdsToken(header, token)).toBe(expected);
  });
});

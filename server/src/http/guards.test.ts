/** Decides whether the pure guards of the http port tell the good from the bad. */
import { describe, expect, test } from 'vitest';
import { echoed } from '../mcp/echo.ts';
import { stripBasePath } from './base-path.ts';
import { holdsToken } from './internal-token.ts';
import { exceededBound } from './json-bounds.ts';
import { isHostAllowed, isOriginAllowed } from './origin.ts';

describe('exceededBound', () => {
  test.each([
    ['[[1]]', 2, undefined],
    ['[[[1]]]', 2, 'depth'],
    ['{"a":{"b":[]}}', 2, 'depth'],
    ['[1],[2],[3]', 1, undefined],
    ['"[[[[["', 1, undefined],
    ['"\\"[[[" ', 1, undefined],
    ['["\\\\",[1]]', 1, 'depth'],
    ['not json', 1, undefined],
    ['[1,2,3]', 1, undefined],
    ['[1,2,3,4]', 1, 'values'],
    ['{"a":1,"b":[2,{"c":3}],"d":4}', 9, 'values'],
    ['",,,,,,,,"', 1, undefined],
  ])('[server.limits] %s of depth %i and three values: %s', (text, depth, expected) => {
    expect(exceededBound(text, { depth, values: 3 })).toBe(expected);
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

describe('isHostAllowed with names', () => {
  const allowed = ['code.example.com', '*.Shop.example'];
  test.each([
    [undefined, 'code.example.com', true],
    [undefined, 'CODE.example.com:8443', true],
    [undefined, 'a.b.shop.example', true],
    [undefined, 'shop.example', false],
    [undefined, 'evilshop.example', false],
    [undefined, 'rebound.evil.example', false],
    [undefined, 'code.example.com.evil.example', false],
    [undefined, 'localhost:8000', true],
    [undefined, '10.1.2.3:30080', true],
    [undefined, '[fd00::1]:8000', true],
    [undefined, undefined, false],
    [undefined, 'not a host', false],
    ['0.0.0.0', 'rebound.evil.example', false],
    ['127.0.0.1', 'code.example.com', true],
    ['127.0.0.1', '10.1.2.3', false],
  ])('[limits.hosts] bound to %s, asked as %s: %s', (bound, host, expected) => {
    expect(isHostAllowed(host, bound, allowed)).toBe(expected);
  });
});

test('[limits.no-echo] what comes back of a text is short and cannot act on a terminal', () => {
  expect(echoed('evil.example')).toBe('evil.example');
  expect(echoed(`a\u001b[2J\u202e${'x'.repeat(5000)}`)).toBe(`a?[2J?${'x'.repeat(94)}…`);
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

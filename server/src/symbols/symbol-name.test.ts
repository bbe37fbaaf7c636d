import { describe, expect, test } from 'vitest';
import type { Definition } from './facts.ts';
import { bestFitting, parseSymbolName, qualifierFit } from './symbol-name.ts';

const definition = (changes: Partial<Definition>): Definition => ({
  codebase: 'shop',
  path: 'src/order/store.ts',
  language: 'typescript',
  name: 'get',
  kind: 'method',
  parent: 'OrderStore',
  ordinal: 0,
  startLine: 1,
  endLine: 2,
  nameLine: 1,
  exported: true,
  doc: '',
  docLine: 0,
  signature: 'get()',
  complexity: 1,
  ...changes,
});

describe('parseSymbolName', () => {
  test.each([
    ['get', 'get', []],
    ['Store.get', 'get', ['Store']],
    ['acme::Store::get', 'get', ['acme', 'Store']],
    ['Store#get', 'get', ['Store']],
    ['Acme\\Store', 'Store', ['Acme']],
    ['pkg/store.Store', 'Store', ['pkg', 'store']],
    ['(*Store).Get', 'Get', ['Store']],
    ['Store<T>.get()', 'get', ['Store']],
    ['  get(a, b);', 'get', []],
    ['operator==', 'operator==', []],
    ['.', '.', []],
  ])('%j names %j in %j', (text, name, qualifiers) => {
    expect(parseSymbolName(text)).toMatchObject({ name, qualifiers });
  });
});

describe('qualifierFit', () => {
  test.each([
    ['without qualifiers everything fits', 'get', {}, 4],
    ['the container', 'OrderStore.get', {}, 4],
    ['the container in another case', 'orderstore.get', {}, 2],
    ['the innermost of several containers', 'B.get', { parent: 'A.B' }, 4],
    ['package and container', 'order.OrderStore.get', {}, 3],
    ['the file', 'store.get', { parent: '' }, 3],
    ['the directory in another case', 'Order.get', { parent: '' }, 1],
    ['a crate', 'grep_searcher::Searcher', { path: 'crates/grep-searcher/src/searcher.rs', parent: '' }, 1],
    ['the codebase', 'shop.get', { parent: '' }, 3],
    ['another container', 'CartStore.get', {}, 0],
    [
      'a Go file, whose name is no part of any name',
      'server.Get',
      { path: 'pkg/http/server.go', language: 'go', parent: '' },
      0,
    ],
    ['a Go package', 'http.Get', { path: 'pkg/http/server.go', language: 'go', parent: '' }, 3],
    ['a name that holds a dot itself', 'tool.ruff', { name: 'tool.ruff', parent: '' }, 4],
  ])('%s', (_what, text, changes, fit) => {
    expect(qualifierFit(parseSymbolName(text), definition(changes))).toBe(fit);
  });
});

test('only those that fit best are meant', () => {
  const method = definition({ name: 'run', parent: 'Kubelet', path: 'pkg/kubelet/kubelet.go', language: 'go' });
  const beside = definition({ name: 'run', parent: '', path: 'pkg/kubelet/main.go', language: 'go' });
  expect(bestFitting([beside, method], parseSymbolName('Kubelet.run'))).toEqual([method]);
  expect(bestFitting([beside, method], parseSymbolName('kubelet.run'))).toEqual([beside, method]);
  expect(bestFitting([beside, method], parseSymbolName('run'))).toEqual([beside, method]);
  expect(bestFitting([beside, method], parseSymbolName('Other.run'))).toEqual([]);
});

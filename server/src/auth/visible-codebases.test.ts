/** Decides whether names and paths lead a limited caller to own codebases only, and to nothing that tells of others. */
import { describe, expect, test } from 'vitest';
import { sourceSchema } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import { VisibleCodebases } from './visible-codebases.ts';

const source = (name: string, path: string) => sourceSchema.parse({ name, path });
const all = [source('shop', '/code/shop'), source('bank', '/code/bank/'), source('inner', '/code/secret/inner')];
const visible = new VisibleCodebases(all);
const none = new VisibleCodebases([]);
const one = new VisibleCodebases(all.slice(0, 1));

function faultOf(work: () => unknown): { code: string; text: string } {
  try {
    work();
  } catch (error) {
    if (error instanceof CodeSageError) return { code: error.code, text: `${error.message} ${error.remedy}` };
    throw error;
  }
  throw new Error('nothing was refused');
}

test('a codebase is found by its name and by its directory', () => {
  expect(
    ['shop', '/code/shop', '/code/shop/', '/code/x/../shop', '/code/bank'].map((name) => visible.get(name)),
  ).toEqual(['shop', 'shop', 'shop', 'shop', 'bank']);
});

test.each(['secret', 'nowhere', '/code/secret', '/code', '/', '', '..', 'shop/../secret', 'SHOP'])(
  'no other name is: %j',
  (name) => {
    expect(faultOf(() => visible.get(name))).toEqual({
      code: 'UnknownCodebase',
      text: `There is no codebase "${name}". Use one of: shop, bank, inner.`,
    });
  },
);

describe('a list of codebases', () => {
  test('is never empty, which the engine would take for all', () => {
    expect(visible.named([])).toEqual(['shop', 'bank', 'inner']);
    expect(faultOf(() => none.named([])).code).toBe('UnknownCodebase');
  });

  test('holds each once', () => {
    expect(visible.named(['shop', '/code/shop'])).toEqual(['shop']);
  });

  test('is refused for one name in it that is not visible', () => {
    expect(faultOf(() => visible.named(['shop', 'secret'])).code).toBe('UnknownCodebase');
  });
});

describe('a path', () => {
  test.each([
    ['shop/src/a.ts', 'shop', 'src/a.ts'],
    ['/code/shop/src/a.ts', 'shop', 'src/a.ts'],
    ['/code/shop/../bank/a.ts', 'bank', 'a.ts'],
    ['/code/secret/inner/a.ts', 'inner', 'a.ts'],
    // What lies outside of the codebase is for the engine to refuse.
    ['shop/../secret/a.ts', 'shop', '../secret/a.ts'],
  ])('%s is in %s', (path, codebase, inside) => {
    expect(visible.locate(path)).toEqual({ codebase, path: inside });
  });

  test.each([
    '/code/secret/a.ts',
    '/code/shop',
    '/code/shop/../secret/a.ts',
    '/code/shopping/a.ts',
    '/etc/passwd',
    '/',
  ])('to %s is in no codebase', (path) => {
    expect(faultOf(() => visible.locate(path))).toEqual({
      code: 'PathNotAllowed',
      text: `${path} is in no codebase. Write codebase/path, as in search results.`,
    });
  });

  test('begins with a name that is visible, or is of the only codebase', () => {
    expect(faultOf(() => visible.locate('secret/a.ts')).text).toContain('There is no codebase "secret".');
    expect(one.locate('secret/a.ts')).toEqual({ codebase: 'shop', path: 'secret/a.ts' });
    expect(faultOf(() => none.locate('shop/a.ts')).code).toBe('UnknownCodebase');
  });
});

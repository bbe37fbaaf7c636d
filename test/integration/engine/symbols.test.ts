/** Decides whether the index answers questions about symbols as the parser reads the files, and follows their changes. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../server/src/engine.ts';
import type { SymbolIndex } from '../../../server/src/symbols/port.ts';
import { createStubSymbols } from '../../../server/src/testing/stub-symbols.ts';
import { shipFiles, shopFiles } from '../../../server/src/testing/symbols-fixture.ts';
import { Cleanups, eventually, makeEngine, writeTree } from './harness.ts';

const cleanups = new Cleanups();
/** The shop, and a file that calls what it imports otherwise. */
const shopWithNames = {
  ...shopFiles,
  'src/cart/later.ts': `import {
  retryPayment as again,
} from '../payment.ts';
import * as orders from '../order/types.ts';

export const later = () => again(new orders.OrderStore(), 1);
`,
};
const scope = { codebases: [], pathGlobs: [], languages: [], includeTests: true };
const page = { limit: 100, offset: 0 };
let engine: Engine;
let shop: string;

beforeAll(async () => {
  shop = cleanups.directory();
  const ship = cleanups.directory();
  writeTree(shop, shopWithNames);
  writeTree(ship, shipFiles);
  const sources = [
    { name: 'shop', path: shop },
    { name: 'ship', path: ship },
  ];
  engine = makeEngine(cleanups, cleanups.directory(), { sources }).engine;
  await engine.start();
  await eventually('the end of indexing', async () => {
    const { codebases } = await engine.status();
    return codebases.every(({ state }) => state === 'Ready') || undefined;
  });
});
afterAll(() => cleanups.run());

/** Without what differs from call to call. */
async function answerOf(question: (symbols: SymbolIndex) => Promise<object>, symbols: SymbolIndex): Promise<object> {
  const answer = await question(symbols);
  return { ...answer, tookMs: 0 };
}

describe('the index answers as the parser reads', () => {
  const parsed = createStubSymbols({ shop: shopWithNames, ship: shipFiles });
  const find =
    (name: string, more = {}) =>
    (symbols: SymbolIndex) =>
      symbols.findDefinitions({
        ...scope,
        ...page,
        name,
        match: 'exact',
        caseSensitive: false,
        kinds: [],
        bodyLines: 10,
        ...more,
      });
  const uses =
    (name: string, more = {}) =>
    (symbols: SymbolIndex) =>
      symbols.findReferences({ ...scope, ...page, name, kinds: [], ...more });
  const trace = (name: string, direction: 'callers' | 'callees') => (symbols: SymbolIndex) =>
    symbols.trace({ ...scope, name, direction, depth: 4, limit: 100 });
  const depends = (path: string, name: string) => (symbols: SymbolIndex) =>
    symbols.functionDependencies({ path, name, includeTests: true, limit: 50 });

  test.each<[string, (symbols: SymbolIndex) => Promise<object>]>([
    ['[symbols.definitions] a name in several languages', find('retrypayment')],
    ['[symbols.definitions] the same in its own case', find('retryPayment', { caseSensitive: true })],
    ['[symbols.definitions] a beginning', find('re', { match: 'prefix' })],
    ['[symbols.definitions] a part with an SQL wildcard and a quote', find("_%'", { match: 'substring' })],
    ['[symbols.definitions] a part', find('tore', { match: 'substring', kinds: ['class', 'struct'] })],
    ['[symbols.near-names] a misspelled name', find('checkuot')],
    ['[symbols.references] calls, imports and mentions', uses('retryPayment')],
    ['[symbols.references] a class of a module under another word', uses('OrderStore')],
    ['[symbols.references] a method of one class', uses('OrderStore.get')],
    ['[symbols.references] a Go package', uses('New', { definitionPath: 'ship/pkg/store/store.go' })],
    ['[symbols.references] a name that is not defined here', uses('readFileSync')],
    ['[symbols.call-graph] callers', trace('giveUp', 'callers')],
    ['[symbols.call-graph] callees', trace('retryPayment', 'callees')],
    ['[symbols.call-graph] callers of a Java method', trace('Printer.print', 'callers')],
    ['[symbols.dependencies] of a TypeScript function', depends('shop/src/payment.ts', 'retryPayment')],
    ['[symbols.dependencies] of a Go method', depends('ship/pkg/store/store.go', 'Store.Get')],
    ['[symbols.outline] of a class', (symbols) => symbols.outline('shop/src/order/types.ts')],
    ['[symbols.outline] of a page', (symbols) => symbols.outline('README.md', 'shop')],
    ['[symbols.outline] without a parser', (symbols) => symbols.outline('shop/legacy.pl')],
    [
      '[symbols.undocumented] of all codebases',
      (symbols) => symbols.undocumented({ ...scope, ...page, exportedOnly: false }),
    ],
    [
      '[symbols.undocumented] of one file',
      (symbols) => symbols.undocumented({ ...scope, ...page, exportedOnly: false, path: 'ship/native/weigh.c' }),
    ],
  ])('%s', async (_what, question) => {
    expect(await answerOf(question, engine.symbols)).toEqual(await answerOf(question, parsed));
  });
});

test('a changed and a deleted file are seen in the next published version', async () => {
  const callers = async () => {
    const { files } = await engine.symbols.findReferences({ ...scope, ...page, name: 'delayFor', kinds: ['call'] });
    return files.flatMap(({ path, uses }) => uses.map(({ line }) => `${path}:${line}`));
  };
  expect(await callers()).toEqual(['src/payment.ts:12']);
  writeTree(shop, {
    'src/later.ts': "import { delayFor } from './backoff.ts';\n\nexport const later = () => delayFor(9);\n",
  });
  rmSync(join(shop, 'src/payment.ts'));
  await engine.indexCodebase('shop', { full: false });
  expect(await callers()).toEqual(['src/later.ts:3']);
  await expect(engine.symbols.outline('shop/src/payment.ts')).rejects.toMatchObject({ code: 'FileNotFound' });
});

test('a codebase that nobody configured is refused by its name', async () => {
  await expect(
    engine.symbols.trace({ ...scope, codebases: ['none'], name: 'x', direction: 'callers', depth: 1, limit: 1 }),
  ).rejects.toMatchObject({ code: 'UnknownCodebase' });
});

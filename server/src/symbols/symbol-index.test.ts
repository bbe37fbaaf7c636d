/** Decides whether questions about symbols are answered rightly, over files that the real parser has read. */
import { describe, expect, test } from 'vitest';
import { createStubSymbols } from '../testing/stub-symbols.ts';
import { shipFiles, shopFiles } from '../testing/symbols-fixture.ts';
import type { FindDefinitionsRequest, FindReferencesRequest, OutlineNode, TraceRequest } from './port.ts';

const symbols = createStubSymbols({ shop: shopFiles, ship: shipFiles });
const scope = { codebases: [], pathGlobs: [], languages: [], includeTests: true };

const place = (one: { path: string; startLine: number } | undefined) =>
  one === undefined ? '-' : `${one.path}:${one.startLine}`;

async function definitions(name: string, changes: Partial<FindDefinitionsRequest> = {}) {
  const answer = await symbols.findDefinitions({
    ...scope,
    name,
    match: 'exact',
    caseSensitive: false,
    kinds: [],
    bodyLines: 0,
    limit: 20,
    offset: 0,
    ...changes,
  });
  return { ...answer, places: answer.found.map(({ definition }) => place(definition)) };
}

async function references(name: string, changes: Partial<FindReferencesRequest> = {}) {
  const answer = await symbols.findReferences({ ...scope, name, kinds: [], limit: 100, offset: 0, ...changes });
  const uses = answer.files.flatMap(({ path, uses: list }) =>
    list.map(
      ({ line, kind, confidence, enclosing }) => `${path}:${line} ${kind} ${confidence} in ${enclosing?.name ?? '-'}`,
    ),
  );
  return { ...answer, uses };
}

async function traced(name: string, changes: Partial<TraceRequest> = {}) {
  const answer = await symbols.trace({ ...scope, name, direction: 'callers', depth: 3, limit: 50, ...changes });
  const tree = answer.steps.map(
    ({ depth, definition, path, line, isRepeated }) =>
      `${'  '.repeat(depth - 1)}${definition?.name ?? '-'} ${path}:${line}${isRepeated ? ' again' : ''}`,
  );
  return { ...answer, tree };
}

describe('findDefinitions', () => {
  test('[symbols.definitions] code comes before data files, sources before others, and each name once', async () => {
    expect((await definitions('retryPayment')).places).toEqual([
      'jobs/retry.py:20',
      'src/payment.ts:10',
      'settings.yaml:2',
    ]);
  });

  test.each([
    ['another case', 'RETRYPAYMENT', {}, ['jobs/retry.py:20', 'src/payment.ts:10', 'settings.yaml:2']],
    ['the same case only', 'RETRYPAYMENT', { caseSensitive: true }, []],
    ['a container', 'OrderStore.get', {}, ['src/order/types.ts:12']],
    ['a container of C++ style', 'CartStore::get', {}, ['src/cart/store.ts:2']],
    ['a Go package', 'route.New', {}, ['pkg/route/route.go:7']],
    [
      'a beginning',
      'retry',
      { match: 'prefix' as const, languages: ['python'] },
      ['jobs/retry.py:6', 'jobs/retry.py:20'],
    ],
    [
      'a part',
      'ayment',
      { match: 'substring' as const, kinds: ['function' as const] },
      ['jobs/retry.py:20', 'src/payment.ts:10'],
    ],
    ['a kind', 'get', { kinds: ['class' as const] }, []],
    ['a path', 'New', { pathGlobs: ['pkg/store/**'] }, ['pkg/store/store.go:15']],
    ['a codebase', 'get', { codebases: ['ship'] }, ['pkg/route/route.go:9', 'pkg/store/store.go:18']],
  ])('finds by %s', async (_what, name, changes, expected) => {
    expect((await definitions(name, changes)).places).toEqual(expected);
  });

  test('a page of several, and how many there are', async () => {
    const answer = await definitions('New', { limit: 1, offset: 1 });
    expect([answer.places, answer.total]).toEqual([['pkg/store/store.go:15'], 2]);
  });

  test('the text with its doc comment, cut where it is too long', async () => {
    const { found } = await definitions('giveUp', { bodyLines: 2 });
    expect(found[0]).toMatchObject({
      text: expect.stringMatching(/^function giveUp.*\n.*check = .*$/),
      textTruncated: true,
    });
    const documented = await definitions('maxAttempts', { bodyLines: 10 });
    expect(documented.found[0]?.text).toBe('/** Most attempts of one payment. */\nexport const maxAttempts = 3;');
  });

  test('[symbols.near-names] a misspelled name is answered with those that exist', async () => {
    const answer = await definitions('retryPaymnet');
    expect([answer.total, answer.nearNames[0]]).toEqual([0, 'retryPayment']);
  });
});

test('[symbols.near-names] a name that only other containers have is answered with these', async () => {
  const expected = ['OrderStore.get', 'CartStore.get'];
  expect((await definitions('BasketStore.get', { codebases: ['shop'] })).nearNames.toSorted()).toEqual(
    expected.toSorted(),
  );
  expect((await references('BasketStore.get', { codebases: ['shop'] })).nearNames.toSorted()).toEqual(
    expected.toSorted(),
  );
  expect((await traced('BasketStore.get', { codebases: ['shop'] })).nearNames.toSorted()).toEqual(expected.toSorted());
});

describe('findReferences', () => {
  test('[symbols.references] uses by call, import and as a value, without comments, strings and other languages', async () => {
    const { uses, elsewhere } = await references('retryPayment', {
      codebases: ['shop'],
      definitionPath: 'shop/src/payment.ts',
    });
    expect(uses).toEqual([
      'src/payment.ts:14 call likely in retryPayment',
      'src/cart/checkout.ts:1 import likely in -',
      'src/cart/checkout.ts:2 import likely in -',
      'src/cart/checkout.ts:12 call likely in checkout',
      'src/cart/checkout.ts:17 other likely in schedule',
    ]);
    expect(elsewhere).toBe(0);
  });

  test('[symbols.references] what a use stands on tells which of several methods is meant', async () => {
    expect((await references('OrderStore.get')).uses).toEqual([
      'src/order/types.ts:17 call likely in save',
      'src/cart/checkout.ts:10 call likely in checkout',
    ]);
    expect((await references('get', { definitionPath: 'src/cart/store.ts' })).uses).toEqual([
      'src/cart/checkout.ts:11 call likely in checkout',
    ]);
  });

  test('a Go import tells the packages of one name apart', async () => {
    expect((await references('store.New')).uses).toEqual(['pkg/route/route.go:7 call likely in New']);
    expect((await references('route.New')).uses).toEqual(['pkg/route/helper.go:4 call likely in Plan']);
  });

  test('without a choice, each use names the definition it means', async () => {
    const { files, definitions: meant, definitionsTotal } = await references('New');
    expect(definitionsTotal).toBe(2);
    const named = files.flatMap(({ uses }) => uses.map(({ definition }) => place(meant[definition ?? -1])));
    expect(named).toEqual(['pkg/store/store.go:15', 'pkg/route/route.go:7']);
  });

  test.each([
    ['only calls', { kinds: ['call' as const] }, ['src/cart/checkout.test.ts:4 call likely in -']],
    ['no tests', { includeTests: false }, []],
    ['a path', { pathGlobs: ['!**/*.test.ts'] }, []],
  ])('%s', async (_what, changes, expected) => {
    expect((await references('checkout', changes)).uses).toEqual(expected);
  });

  test('a constant is used as a value', async () => {
    expect((await references('maxAttempts')).uses).toEqual(['src/payment.ts:11 other likely in retryPayment']);
  });

  test('a name that is only used here has uses without definitions', async () => {
    const answer = await references('readFileSync');
    expect([answer.definitionsTotal, answer.uses]).toEqual([
      0,
      ['src/payment.ts:1 import possible in -', 'src/payment.ts:13 call possible in retryPayment'],
    ]);
  });

  test('a page begins in the middle of a file', async () => {
    const whole = await references('retryPayment', { definitionPath: 'src/payment.ts' });
    const page = await references('retryPayment', { definitionPath: 'src/payment.ts', limit: 2, offset: 2 });
    expect([page.uses, page.totalUses, page.totalFiles]).toEqual([whole.uses.slice(2, 4), 5, 2]);
  });

  test('a file that does not define the name is told, with those that do', async () => {
    await expect(references('retryPayment', { definitionPath: 'src/cart/store.ts' })).rejects.toMatchObject({
      code: 'InvalidArgument',
      remedy: expect.stringContaining('shop/src/payment.ts:10'),
    });
  });
});

describe('trace', () => {
  test('[symbols.call-graph] callers of callers, with the recursion named once', async () => {
    const { tree } = await traced('giveUp', { codebases: ['shop'] });
    expect(tree).toEqual([
      'retryPayment src/payment.ts:11',
      '  checkout src/cart/checkout.ts:12',
      '    - src/cart/checkout.test.ts:4',
      '  retryPayment src/payment.ts:14 again',
    ]);
  });

  test('[symbols.call-graph] callees, with what the codebase does not define apart', async () => {
    const { tree, external } = await traced('retryPayment', {
      codebases: ['shop'],
      direction: 'callees',
      definitionPath: 'src/payment.ts',
    });
    expect(tree).toEqual([
      'giveUp src/payment.ts:11',
      '  check src/payment.ts:19',
      'delayFor src/payment.ts:12',
      'retryPayment src/payment.ts:14 again',
    ]);
    expect(external.map(({ name }) => name)).toEqual(['object', 'readFileSync', 'safeParse']);
  });

  test('two functions that call each other end', async () => {
    expect((await traced('ping', { direction: 'callees', depth: 5 })).tree).toEqual([
      'pong pkg/route/route.go:15',
      '  ping pkg/route/route.go:18 again',
    ]);
  });

  test.each([
    ['one step', { depth: 1 }, ['retryPayment src/payment.ts:11']],
    [
      'without tests',
      { includeTests: false },
      [
        'retryPayment src/payment.ts:11',
        '  checkout src/cart/checkout.ts:12',
        '  retryPayment src/payment.ts:14 again',
      ],
    ],
    ['a limit', { limit: 1 }, ['retryPayment src/payment.ts:11']],
  ])('%s', async (_what, changes, expected) => {
    const answer = await traced('giveUp', { codebases: ['shop'], ...changes });
    expect([answer.tree, answer.truncated]).toEqual([expected, 'limit' in changes]);
  });

  test('methods of one name in several classes are told apart', async () => {
    expect((await traced('Printer.print')).tree).toEqual([
      'write src/main/java/com/acme/ship/Label.java:16',
      '  print src/main/java/com/acme/ship/Label.java:13',
    ]);
  });

  test('a method of the language is none of ours', async () => {
    const { tree, external } = await traced('Store.normal', { direction: 'callees' });
    expect([tree, external.map(({ name }) => name)]).toEqual([[], ['Sprint', 'ToLower']]);
  });

  test('an unknown name has near ones', async () => {
    expect((await traced('givUp')).nearNames).toContain('giveUp');
  });
});

describe('functionDependencies', () => {
  const ask = (path: string, more: { name?: string; line?: number }) =>
    symbols.functionDependencies({ path, includeTests: true, limit: 10, ...more });

  test('[symbols.dependencies] calls, types and values with where they come from, the imports needed, and the callers', async () => {
    const answer = await ask('shop/src/payment.ts', { name: 'retryPayment' });
    expect(answer.definition).toMatchObject({ startLine: 10, complexity: 3 });
    expect(
      answer.dependencies.map(({ name, kind, origin, module, definitions: [best] }) =>
        [name, kind, origin, module ?? '', place(best)].join(' '),
      ),
    ).toEqual([
      'Order type internal ./order/types.ts src/order/types.ts:2',
      'giveUp call internal  src/payment.ts:17',
      'delayFor call internal ./backoff.ts src/backoff.ts:2',
      'readFileSync call standard node:fs -',
      'retryPayment call internal  src/payment.ts:10',
    ]);
    expect(answer.imports.map(({ module, origin }) => `${module} ${origin}`)).toEqual([
      'node:fs standard',
      './backoff.ts internal',
      './order/types.ts internal',
    ]);
    expect(answer.callers.map(({ definition }) => definition?.name)).toEqual(['checkout', 'retryPayment']);
  });

  test('a line names the innermost function', async () => {
    expect((await ask('jobs/backoff.py', { line: 5 })).definition.name).toBe('inner');
  });

  test("a package's own functions and methods are internal, the standard library and others are told", async () => {
    const { dependencies } = await ask('ship/pkg/store/store.go', { name: 'Store.Get' });
    expect(dependencies.map(({ name, origin }) => `${name} ${origin}`)).toEqual([
      'Store internal',
      'Info third_party',
      'normal internal',
    ]);
  });

  test.each([
    ['a name that is not there', { name: 'refund' }, /no function named refund/],
    ['a line outside', { line: 1 }, /no function around line 1/],
    ['neither', {}, /Say which function/],
  ])('%s is answered with the functions there are', async (_what, more, message) => {
    await expect(ask('shop/src/payment.ts', more)).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringMatching(message),
      remedy: expect.stringContaining('retryPayment (line 10)'),
    });
  });
});

describe('outline', () => {
  const names = (nodes: readonly OutlineNode[]): unknown[] =>
    nodes.map(({ definition, children }) =>
      children.length > 0 ? [definition.name, names(children)] : definition.name,
    );

  test('[symbols.outline] symbols nest as the code does', async () => {
    const { outline, imports, language, lines, problem } = await symbols.outline('shop/src/order/types.ts');
    expect(names(outline)).toEqual([
      ['Order', ['id', 'status']],
      ['OrderStore', ['#orders', 'get', 'save']],
    ]);
    expect([imports, language, lines, problem]).toEqual([[], 'typescript', 20, '']);
  });

  test('a nested function is inside of its function, a heading below the one above it', async () => {
    expect(names((await symbols.outline('jobs/backoff.py', 'shop')).outline)).toEqual([['delay_for', ['inner']]]);
    expect(names((await symbols.outline('README.md', 'shop')).outline)).toEqual([['Shop', ['Payments']]]);
  });

  test('a language without a parser says so', async () => {
    expect(await symbols.outline('shop/legacy.pl')).toMatchObject({
      outline: [],
      problem: 'NoGrammar',
      language: 'perl',
    });
  });

  test.each([['shop/src/none.ts'], ['shop/../../etc/passwd']])('%s is refused', async (path) => {
    await expect(symbols.outline(path)).rejects.toMatchObject({
      code: expect.stringMatching(/FileNotFound|PathNotAllowed/),
    });
  });
});

describe('undocumented', () => {
  const ask = async (path?: string, more = {}) => {
    const answer = await symbols.undocumented({
      ...scope,
      ...(path !== undefined && { path }),
      exportedOnly: false,
      limit: 50,
      offset: 0,
      ...more,
    });
    return { ...answer, names: answer.definitions.map(({ name }) => name) };
  };

  test('[symbols.undocumented] what has no doc comment, without locals and constructors of documented classes', async () => {
    expect(await ask('shop/jobs/retry.py')).toMatchObject({ names: ['step', 'retryPayment'], considered: 4, total: 2 });
    expect((await ask('shop/jobs/backoff.py')).names).toEqual([]);
    expect((await ask('shop/src/payment.ts')).names).toEqual(['giveUp']);
    expect((await ask('shop/src/payment.ts', { exportedOnly: true })).names).toEqual([]);
  });

  test('what only its own file can use is left out on request, with the members of such a class', async () => {
    const files = {
      'a.ts':
        'class Inner {\n  run() {}\n}\n\nexport class Outer {\n  run() {}\n  #own() {}\n}\n\ntype Short = string;\n',
    };
    const ask = async (exportedOnly: boolean) => {
      const answer = await createStubSymbols({ a: files }).undocumented({
        ...scope,
        exportedOnly,
        limit: 50,
        offset: 0,
      });
      return [answer.definitions.map(({ parent, name }) => `${parent}.${name}`), answer.considered];
    };
    expect(await ask(true)).toEqual([['.Outer', 'Outer.run'], 2]);
    expect(await ask(false)).toEqual([['.Inner', 'Inner.run', '.Outer', 'Outer.run', 'Outer.#own'], 5]);
  });

  test('a comment documents no Python function, a docstring does', async () => {
    const files = {
      'a.py':
        '# Not for help().\ndef one():\n    pass\n\n\ndef two():\n    "Told."\n\n\n#: Told, too.\ndef three():\n    pass\n',
    };
    const answer = await createStubSymbols({ a: files }).undocumented({
      ...scope,
      exportedOnly: false,
      limit: 50,
      offset: 0,
    });
    expect(answer.definitions.map(({ name }) => name)).toEqual(['one']);
  });

  test('another name of a Ruby method needs no comment of its own', async () => {
    const files = {
      'a.rb':
        'class A\n  # Adds.\n  def add_reference; end\n  alias :add_belongs_to :add_reference\n  delegate :size, to: :rows\nend\n',
    };
    const known = createStubSymbols({ a: files });
    const answer = await known.undocumented({ ...scope, exportedOnly: false, limit: 50, offset: 0 });
    expect(answer.definitions.map(({ name }) => name)).toEqual(['A']);
    const outline = await known.outline('a.rb', 'a');
    expect(outline.outline[0]?.children.map(({ definition }) => definition.name)).toEqual([
      'add_reference',
      'add_belongs_to',
      'size',
    ]);
  });

  test("a C function's comment in its header counts", async () => {
    expect((await ask('ship/native/weigh.c')).names).toEqual(['round_up', 'unexplained']);
  });

  test('a whole codebase in pages', async () => {
    const all = await ask(undefined, { codebases: ['ship'], pathGlobs: ['pkg/**'] });
    expect(all.names).toEqual(['Route', 'New', 'Get', 'ping', 'pong', 'normal']);
    const page = await ask(undefined, { codebases: ['ship'], pathGlobs: ['pkg/**'], limit: 2, offset: 3 });
    expect([page.names, page.total, page.files]).toEqual([['ping', 'pong'], 6, 3]);
  });

  test('a language without a parser says so', async () => {
    expect(await ask('shop/legacy.pl')).toMatchObject({ names: [], problem: 'NoGrammar' });
  });
});

import { afterAll, describe, expect, test } from 'vitest';
import { defaultSyntaxLimits, parseFile, SyntaxParser } from './parser.ts';

const parser = new SyntaxParser();
afterAll(() => parser.dispose());

const names = async (path: string, text: string): Promise<string[]> =>
  (await parser.parse(path, text)).symbols.map(({ name }) => name);
const megabyte = 1_000_000;
const goFunctions = (count: number): string =>
  `package big\n\n${Array.from({ length: count }, (_, at) => `func f${at}(a int) int {\n\treturn f${at}(a)\n}\n`).join('\n')}`;

describe('odd files', () => {
  test.each(['a.go', 'a.ts', 'a.py', 'a.md', 'a.sql', 'a.proto', 'Dockerfile', 'a.yaml'])(
    'an empty %s has an empty syntax',
    async (path) => {
      for (const text of ['', '\n', '\uFEFF', '   \r\n\t']) {
        const { symbols, references, imports, problem } = await parser.parse(path, text);
        expect({ symbols, references, imports, problem }).toEqual({
          symbols: [],
          references: [],
          imports: [],
          problem: undefined,
        });
      }
    },
  );

  test('a language without a grammar says so', async () => {
    expect(await parser.parse('a.pl', 'sub x {}')).toEqual({
      language: 'perl',
      symbols: [],
      references: [],
      imports: [],
      borders: [],
      problem: 'NoGrammar',
    });
  });

  test('NUL bytes and replaced bytes cost at most the definitions that hold them', async () => {
    expect(await names('a.go', 'package a\n\nfunc first() {}\n\n\0\uFFFD\uFFFD\n\nfunc second() {}\n')).toEqual([
      'first',
      'second',
    ]);
  });

  test('a syntax error costs at most its own definition', async () => {
    expect(await names('a.py', 'def first():\n    return 1\n\nclass ((:\n\ndef second():\n    return 2\n')).toEqual([
      'first',
      'second',
    ]);
  });

  test('names beyond ASCII and line separators keep their places', async () => {
    const { symbols } = await parser.parse(
      'a.py',
      '# 😀 \u2028 comment\ndef größe():\n    return "😀"\n\ndef b(): pass\n',
    );
    expect(symbols.map(({ name, startLine }) => [name, startLine])).toEqual([
      ['größe', 2],
      ['b', 5],
    ]);
  });

  test.each([
    ['a.json', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    ['a.js', `x = ${'('.repeat(100_000)}1${')'.repeat(100_000)}`],
    ['a.py', `x = ${'['.repeat(100_000)}`],
    ['a.html', '<div>'.repeat(50_000)],
    ['a.go', `package a\nfunc f() {${'{'.repeat(50_000)}${'}'.repeat(50_000)}}`],
    ['a.sql', `create table t (${'('.repeat(50_000)}`],
    ['a.proto', 'message A { '.repeat(20_000)],
    ['a.md', `${'> '.repeat(50_000)}x`],
    ['a.md', `# ${' '.repeat(200_000)}x${'#'.repeat(200_000)} y\n`],
    ['a.ts', `import { ${' '.repeat(200_000)} x${'{'.repeat(10_000)} } from 'y';`],
    ['Dockerfile', 'FROM a AS b\nCOPY --from=c d e\n'.repeat(20_000)],
    ['a.yaml', `${Array.from({ length: 500 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')}`],
    ['a.sql', `${'$'.repeat(100_000)}a$${"'".repeat(100_001)}`],
  ])('what is deep or long in %s ends, and the next file is read', async (path, text) => {
    await parser.parse(path, text);
    expect(await names('next.go', 'package a\nfunc next() {}\n')).toEqual(['next']);
  });

  test.each(['bundle.js', 'bundle.ts', 'bundle.json', 'bundle.css', 'bundle.md', 'bundle.sql'])(
    'a %s of one 5 MB line is bounded in time and size',
    async (path) => {
      const piece = path.endsWith('.json')
        ? '{"a":[1,2]},'
        : path.endsWith('.css')
          ? '.a{b:c}'
          : 'function f(a){return g(a)};';
      const text = piece.repeat(Math.ceil((5 * megabyte) / piece.length));
      expect((await parser.parse(path, text)).problem).toBe('TooLarge');
      const timeLimit = 1_000;
      const quick = new SyntaxParser({ timeLimit, maxLength: 6 * megabyte });
      const start = performance.now();
      const syntax = await quick.parse(path, text);
      expect(performance.now() - start).toBeLessThan(10 * timeLimit);
      await quick.dispose();
      expect(syntax.symbols.length).toBeLessThanOrEqual(20_000);
      expect(syntax.references.length).toBeLessThanOrEqual(50_000);
      expect(syntax.borders.length).toBeLessThanOrEqual(1);
    },
    30_000,
  );

  test('a file of 100,000 lines is read whole', async () => {
    const text = goFunctions(25_000).split('\n').slice(0, 100_000).join('\n').slice(0, defaultSyntaxLimits.maxLength);
    const patient = new SyntaxParser({ timeLimit: 60_000 });
    const { symbols, borders, problem } = await patient.parse('big.go', text);
    await patient.dispose();
    expect(problem).toBeUndefined();
    expect(symbols.length).toBe(20_000);
    expect(symbols.at(-1)).toMatchObject({ name: 'f19999', startLine: 3 + 19_999 * 4 });
    expect(borders.length).toBeGreaterThan(40_000);
  }, 60_000);
});

describe('limits', () => {
  test('time running out while parsing costs the file its symbols and nothing else', async () => {
    let time = 0;
    const hurried = new SyntaxParser({ now: () => (time += 1_000), timeLimit: 2_000 });
    expect((await hurried.parse('big.go', goFunctions(2_000))).problem).toBe('TimedOut');
    expect((await hurried.parse('small.go', 'package a\nfunc small() {}\n')).symbols.map(({ name }) => name)).toEqual([
      'small',
    ]);
    expect(hurried.restarts).toBe(0);
    await hurried.dispose();
  });

  test('more nodes than allowed cost the file its symbols', async () => {
    const strict = new SyntaxParser({ maxNodes: 100 });
    expect(await strict.parse('big.go', goFunctions(100))).toMatchObject({ problem: 'TooManyNodes', symbols: [] });
    await strict.dispose();
  });

  test('a crash inside the parser makes a new one for the next file', async () => {
    let calls = 0;
    const breaking = new SyntaxParser({
      now: () => {
        calls++;
        if (calls === 3) throw new Error('broken in the middle of parsing');
        return 0;
      },
    });
    expect((await breaking.parse('big.go', goFunctions(2_000))).problem).toBe('Crashed');
    expect(breaking.restarts).toBe(1);
    expect((await breaking.parse('small.go', 'package a\nfunc small() {}\n')).symbols).toHaveLength(1);
    await breaking.dispose();
  });

  test('a heap that has grown too large is dropped, and answers stay the same', async () => {
    const small = new SyntaxParser({ maxHeapBytes: 1 });
    const text = goFunctions(50);
    const first = await small.parse('a.go', text);
    expect(await small.parse('a.go', text)).toEqual(first);
    expect(await small.parse('a.go', text)).toEqual(await parser.parse('a.go', text));
    expect(small.restarts).toBe(3);
    await small.dispose();
  });
});

test('what is found can be sent between threads and written as JSON', async () => {
  const syntax = await parseFile('a.ts', 'export function f(a: Store): void { g(a); }\nimport { g } from "./g.ts";\n');
  expect(structuredClone(syntax)).toEqual(syntax);
  expect(JSON.parse(JSON.stringify(syntax))).toEqual(syntax);
});

test('files asked for at the same time do not mix', async () => {
  const texts = Array.from({ length: 20 }, (_, at) => `package a\n\nfunc only${at}() {}\n`);
  const all = await Promise.all(texts.map((text, at) => parser.parse(`f${at}.go`, text)));
  expect(all.map(({ symbols }) => symbols.map(({ name }) => name))).toEqual(texts.map((_, at) => [`only${at}`]));
});

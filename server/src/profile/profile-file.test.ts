/** Decides whether a static profile finds what makes code slow, and where it does not look. */
import { describe, expect, test } from 'vitest';
import { Engine } from '../syntax/engine.ts';
import { type GrammarName, grammars } from '../syntax/grammars.ts';
import { nodeKinds } from './grammar-kinds.ts';
import type { ConcernKind } from './port.ts';
import { profileFile } from './profile-file.ts';

const kindsIn = async (path: string, code: string): Promise<string[]> =>
  (await profileFile(path, code)).concerns.map(({ kind, line }) => `${kind} ${line}`);

describe('what is found', () => {
  test.each<[string, string, string, string[]]>([
    [
      'loops inside each other',
      'a.ts',
      'function f(a: A[]) {\n  for (const x of a) {\n    for (const y of a) {\n      g(x, y);\n    }\n  }\n}',
      ['nested_loops 3'],
    ],
    [
      'a list sorted in each round of the loop around',
      'a.py',
      'def f(a):\n    for x in a:\n        for y in sorted(a):\n            g(x, y)\n',
      ['nested_loops 3', 'sort_in_loop 3'],
    ],
    [
      'a condition, which each round looks at',
      'a.ts',
      'function f(a: string[]) {\n  for (let i = 0; a.includes(b); i++) g();\n}',
      ['linear_search_in_loop 2'],
    ],
    [
      'a text that begins before the loop',
      'a.py',
      'def f(a):\n    s = "a"\n    for x in a:\n        s += "b"\n    g(s)\n',
      ['string_concat_in_loop 4'],
    ],
    [
      'a callback that runs for each element',
      'a.ts',
      'function f(a: A[]) {\n  for (const x of a) {\n    a.filter((y) => y.id === x.id);\n  }\n}',
      ['nested_loops 3'],
    ],
    [
      'a function with a loop that is called in a loop',
      'a.py',
      'def inner(a):\n    for x in a:\n        g(x)\n\ndef outer(a):\n    for x in a:\n        inner(a)\n',
      ['nested_loops 7'],
    ],
    [
      'await in a loop',
      'a.ts',
      'async function f(a: A[]) {\n  for (const x of a) {\n    await x.go();\n  }\n}',
      ['await_in_loop 3'],
    ],
    [
      'I/O in a loop of TypeScript',
      'a.ts',
      'function f(a: string[]) {\n  for (const x of a) fs.readFileSync(x);\n}',
      ['io_in_loop 2'],
    ],
    [
      'I/O in a loop of Python',
      'a.py',
      'def f(a):\n    for x in a:\n        cursor.execute("select 1", x)\n',
      ['io_in_loop 3'],
    ],
    [
      'I/O in a loop of Go',
      'a.go',
      'package a\n\nfunc f(a []string) {\n\tfor _, x := range a {\n\t\tdb.Query(x)\n\t}\n}\n',
      ['io_in_loop 5'],
    ],
    [
      'I/O in a loop of Java',
      'A.java',
      'class A {\n  void f(List<P> a) {\n    for (P x : a) {\n      Files.readString(x);\n    }\n  }\n}\n',
      ['io_in_loop 4'],
    ],
    [
      'I/O in a loop of C#',
      'A.cs',
      'class A {\n  void F(string[] a) {\n    foreach (var x in a) {\n      File.ReadAllText(x);\n    }\n  }\n}\n',
      ['io_in_loop 4'],
    ],
    [
      'I/O in a loop of Rust',
      'a.rs',
      'fn f(a: &[String]) {\n    for x in a {\n        fs::read_to_string(x).unwrap();\n    }\n}\n',
      ['io_in_loop 3'],
    ],
    ['I/O in a block of Ruby', 'a.rb', 'def f(a)\n  a.each do |x|\n    File.read(x)\n  end\nend\n', ['io_in_loop 3']],
    [
      'I/O in a loop of PHP',
      'a.php',
      '<?php\nfunction f($a) {\n  foreach ($a as $x) {\n    file_get_contents($x);\n  }\n}\n',
      ['io_in_loop 4'],
    ],
    [
      'I/O in a lambda of Kotlin',
      'a.kt',
      'fun f(a: List<File>) {\n    a.forEach { x ->\n        x.readText()\n    }\n}\n',
      ['io_in_loop 3'],
    ],
    [
      'a pattern compiled in a loop',
      'a.go',
      'package a\n\nfunc f(a []string) {\n\tfor _, x := range a {\n\t\tregexp.MustCompile("a").MatchString(x)\n\t}\n}\n',
      ['regex_in_loop 5'],
    ],
    [
      'a pattern made in a loop',
      'a.js',
      'function f(a) {\n  for (const x of a) {\n    new RegExp(x).test("a");\n  }\n}',
      ['regex_in_loop 3'],
    ],
    [
      'texts joined in a loop',
      'A.java',
      'class A {\n  String f(int[] a) {\n    String s = "";\n    for (int x : a) {\n      s += x;\n    }\n    return s;\n  }\n}\n',
      ['string_concat_in_loop 5'],
    ],
    [
      'texts joined in Python',
      'a.py',
      'def f(a):\n    s = ""\n    for x in a:\n        s += str(x)\n    return s\n',
      ['string_concat_in_loop 4'],
    ],
    [
      'a list copied for each element',
      'a.js',
      'function f(a) {\n  let out = [];\n  for (const x of a) {\n    out = [...out, x];\n  }\n}',
      ['copy_in_loop 4'],
    ],
    [
      'a reduce that copies',
      'a.js',
      'function f(a) {\n  return a.reduce((all, x) => ({ ...all, [x]: 1 }), {});\n}',
      ['copy_in_loop 2'],
    ],
    [
      'a search in a loop',
      'a.js',
      'function f(a, b) {\n  for (const x of a) {\n    if (b.includes(x)) g(x);\n  }\n}',
      ['linear_search_in_loop 3'],
    ],
    ['sorting in a loop', 'a.py', 'def f(a):\n    for x in a:\n        x.sort()\n', ['sort_in_loop 3']],
    [
      'deferred calls in a loop',
      'a.go',
      'package a\n\nfunc f(a []F) {\n\tfor _, x := range a {\n\t\tdefer x.Close()\n\t}\n}\n',
      ['defer_in_loop 5'],
    ],
    [
      'recursion in two places',
      'a.py',
      'def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\n',
      ['recursion 4'],
    ],
    [
      'what is dear to make',
      'A.java',
      'class A {\n  void f(List<P> a) {\n    for (P x : a) {\n      new ObjectMapper();\n    }\n  }\n}\n',
      ['allocation_in_loop 4'],
    ],
  ])('[tools.static-profile] %s', async (_name, path, code, expected) => {
    expect(await kindsIn(path, code)).toEqual(expected);
  });
});

describe('what is not', () => {
  test.each<[string, string, string]>([
    [
      'a function that is only defined in a loop',
      'a.ts',
      'function f(a: A[]) {\n  for (const x of a) {\n    const g = () => {\n      for (const y of x) h(y);\n    };\n    use(g);\n  }\n}',
    ],
    ['numbers added up', 'a.py', 'def f(a):\n    s = 0\n    for x in a:\n        s += x\n    return s\n'],
    [
      'await in a function that is handed over',
      'a.ts',
      'async function f(a: A[]) {\n  await Promise.all(a.map(async (x) => {\n    await x.go();\n  }));\n}',
    ],
    ['a list sorted before the first round', 'a.py', 'def f(a):\n    for x in sorted(a):\n        g(x)\n'],
    ['a list sorted before the first round', 'a.py', 'def f(a):\n    return [g(x) for x in sorted(a)]\n'],
    ['a list sorted before the first round', 'a.ts', 'function f(a: A[]) {\n  for (const x of a.sort()) g(x);\n}'],
    [
      'a file read before the first round',
      'A.java',
      'class A {\n  void f() {\n    for (P x : Files.list(p)) g(x);\n  }\n}\n',
    ],
    [
      'a file read before the first round',
      'a.go',
      'package a\n\nfunc f() {\n\tfor _, x := range must(os.ReadDir(".")) {\n\t\tg(x)\n\t}\n}\n',
    ],
    [
      'a file read before the first round',
      'a.rs',
      'fn f() {\n    for x in fs::read_dir(".").unwrap() {\n        g(x);\n    }\n}\n',
    ],
    ['a list made before the first round', 'a.py', 'def f(a):\n    for x in [g(y) for y in a]:\n        h(x)\n'],
    [
      'a text that begins anew in each round',
      'a.py',
      'def f(a):\n    for x in a:\n        s = "a"\n        s += "b"\n        g(s)\n',
    ],
    ['a pattern compiled once', 'a.go', 'package a\n\nvar p = regexp.MustCompile("a")\n'],
    ['a method of the same name of something else', 'a.ts', 'class A {\n  close() {\n    this.inner.close();\n  }\n}'],
  ])('%s', async (_name, path, code) => {
    expect(await kindsIn(path, code)).toEqual([]);
  });
});

test('[tools.static-profile] tells of each function how deep, how large and how fast its time grows', async () => {
  const code = [
    'class Shop {',
    '  total(orders: Order[]): number {',
    '    if (orders.length === 0) return 0;',
    '    for (const order of orders) {',
    '      for (const item of order.items) {',
    '        if (item.price > 0) this.count(item);',
    '      }',
    '    }',
    '    return 1;',
    '  }',
    '  count(item: Item) {',
    '    return item.tags.map((tag) => tag.name).sort();',
    '  }',
    '}',
  ].join('\n');
  const { functions, language } = await profileFile('shop.ts', code);
  expect(language).toBe('typescript');
  expect(functions).toEqual([
    {
      name: 'Shop.total',
      startLine: 2,
      endLine: 10,
      complexity: 5,
      nesting: 3,
      loops: 2,
      loopDepth: 2,
      calls: 1,
      callsInLoops: 1,
      isRecursive: false,
      growth: 'O(n^3 log n)',
    },
    {
      name: 'Shop.count',
      startLine: 11,
      endLine: 13,
      complexity: 1,
      nesting: 1,
      loops: 1,
      loopDepth: 1,
      calls: 2,
      callsInLoops: 0,
      isRecursive: false,
      growth: 'O(n log n)',
    },
  ]);
});

test.each<[string, string, string]>([
  ['a.txt', 'text', 'NoGrammar'],
  ['a.json', '{"a": 1}', 'NoFunctions'],
])('%s has no profile: %s', async (path, text, problem) => {
  expect(await profileFile(path, text)).toMatchObject({ problem, functions: [], concerns: [] });
});

test('every node type that is named exists in its grammar', async () => {
  const engine = await Engine.create();
  const unknown: string[] = [];
  for (const [name, kinds] of Object.entries(nodeKinds)) {
    const { language } = await engine.load(name as GrammarName);
    const known = new Set(language.types);
    const { concatenation: _, ...lists } = kinds;
    for (const type of Object.values(lists).flat()) if (!known.has(type)) unknown.push(`${name}: ${type}`);
  }
  engine.dispose();
  expect(unknown).toEqual([]);
  expect(Object.keys(grammars)).toEqual(expect.arrayContaining(Object.keys(nodeKinds)));
});

test('concerns are ranked, the most severe first', async () => {
  const code =
    'async function f(a) {\n  for (const x of a) {\n    if (a.includes(x)) await g();\n    fs.readFileSync(x);\n  }\n}';
  const { concerns } = await profileFile('a.js', code);
  expect(concerns.map(({ kind }): ConcernKind => kind)).toEqual([
    'io_in_loop',
    'await_in_loop',
    'linear_search_in_loop',
  ]);
  expect(concerns[0]).toMatchObject({ functionName: 'f', line: 4, evidence: 'fs.readFileSync(x);' });
});

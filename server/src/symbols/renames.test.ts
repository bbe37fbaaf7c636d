/** Decides whether uses are found however a file calls what it imports, and nothing else is taken for one. */
import { describe, expect, test } from 'vitest';
import { createStubSymbols } from '../testing/stub-symbols.ts';

const scope = { codebases: [], pathGlobs: [], languages: [], includeTests: true };

type Files = Readonly<Record<string, string>>;

async function uses(files: Files, name: string, definitionPath?: string): Promise<string[]> {
  const answer = await createStubSymbols({ c: files }).findReferences({
    ...scope,
    name,
    kinds: [],
    limit: 100,
    offset: 0,
    ...(definitionPath !== undefined && { definitionPath }),
  });
  return answer.files.flatMap(({ path, uses: list }) => list.map(({ line, kind }) => `${path}:${line} ${kind}`)).sort();
}

async function callers(files: Files, name: string, direction: 'callers' | 'callees' = 'callers'): Promise<string[]> {
  const answer = await createStubSymbols({ c: files }).trace({ ...scope, name, direction, depth: 1, limit: 50 });
  return answer.steps.map(({ definition, path, line }) => `${definition?.name ?? '-'} ${path}:${line}`).sort();
}

const go: Files = {
  'go.mod': 'module example.com/acme/widget/v2\n\ngo 1.24\n',
  'root.go': 'package widget\n\nfunc NewGizmo() int { return 1 }\n\nfunc Context() int { return 2 }\n',
  'gosub/b/b.go': 'package b\n\nfunc Fizz() int { return 1 }\n',
  'sub/pkg/use.go': [
    'package pkg',
    'import (',
    '\t"example.com/acme/widget/v2"',
    '\tbb "example.com/acme/widget/v2/gosub/b"',
    ')',
    'func Use(req request) int {',
    '\treq.Context()',
    '\treturn widget.NewGizmo() + bb.Fizz()',
    '}',
  ].join('\n'),
  'other/use.go': 'package other\n\nimport "example.com/other/widget"\n\nfunc Use() int { return widget.NewGizmo() }\n',
};

describe('Go', () => {
  test('[symbols.references] a package in the root of its module is known by go.mod', async () => {
    expect(await uses(go, 'NewGizmo')).toEqual(['sub/pkg/use.go:8 call']);
    expect(await callers(go, 'NewGizmo')).toEqual(['Use sub/pkg/use.go:8']);
    expect(await callers(go, 'Use', 'callees')).toContain('NewGizmo sub/pkg/use.go:8');
  });

  test('[symbols.references] a package under another word is meant by that word', async () => {
    expect(await uses(go, 'Fizz')).toEqual(['sub/pkg/use.go:8 call']);
  });

  test('a method of something else is no function of an imported package', async () => {
    expect(await uses(go, 'Context')).toEqual([]);
  });

  test("what a function depends on is found in the module's root", async () => {
    const { dependencies } = await createStubSymbols({ c: go }).functionDependencies({
      path: 'c/sub/pkg/use.go',
      name: 'Use',
      includeTests: true,
      limit: 10,
    });
    const found = dependencies.map(({ name, origin, definitions: [best] }) => `${name} ${origin} ${best?.path ?? '-'}`);
    expect(found).toContain('NewGizmo internal root.go');
    expect(found).toContain('Fizz internal gosub/b/b.go');
  });
});

const python: Files = {
  'py2/__init__.py': '',
  'py2/lib.py': 'def gadget():\n    pass\n\n\ndef widgety():\n    pass\n\n\ndef cached(f):\n    return f\n',
  'app/a.py': 'import py2.lib as d\nfrom py2 import lib as dd\n\n\ndef run():\n    d.gadget()\n    dd.gadget()\n',
  'app/b.py':
    'from py2.lib import widgety as w\n\n\ndef widgety(x):\n    return w()\n\n\ndef go(x):\n    x.w()\n    return widgety(x)\n',
  'app/c.py':
    'from py2 import lib as deco\nfrom py2.lib import (\n    cached,\n)\n\n\n@cached\ndef one():\n    pass\n\n\n@deco.cached\ndef two():\n    pass\n',
  'app/d.py': 'from functools import cached\n\n\n@cached\ndef three():\n    pass\n',
};

describe('Python', () => {
  test('[symbols.references] a module under another word is meant by that word', async () => {
    expect(await uses(python, 'gadget')).toEqual(['app/a.py:6 call', 'app/a.py:7 call']);
    expect(await callers(python, 'gadget')).toEqual(['run app/a.py:6']);
  });

  test('[symbols.references] a renamed import and its uses mean what is imported, not what the file defines', async () => {
    expect(await uses(python, 'widgety', 'py2/lib.py')).toEqual(['app/b.py:1 import', 'app/b.py:5 call']);
    expect(await uses(python, 'widgety', 'app/b.py')).toEqual(['app/b.py:10 call']);
    expect(await callers(python, 'py2.lib.widgety')).toEqual(['widgety app/b.py:5']);
    expect(await callers(python, 'app.b.widgety', 'callees')).toEqual(['widgety app/b.py:5']);
  });

  test('[symbols.references] what a standard module has of the name is none, in a file that imports ours as well', async () => {
    const files = {
      'lib/html.py': 'def escape(text):\n    return text\n',
      'app.py':
        'import re\nfrom lib.html import escape\n\n\ndef run(x):\n    re.escape(x)\n    x.escape()\n    return escape(x)\n',
    };
    expect(await uses(files, 'escape')).toEqual(['app.py:2 import', 'app.py:8 call']);
  });

  test('[symbols.references] a decorator is a use, one of another module is none, and an import over several lines is one', async () => {
    expect(await uses(python, 'cached')).toEqual(['app/c.py:12 other', 'app/c.py:3 import', 'app/c.py:7 other']);
  });
});

const script: Files = {
  'deco.ts': 'export function traced(t: unknown) {}\n\nexport function one() {}\n\nexport function validate() {}\n',
  'use.ts': [
    'import {',
    '  validate,',
    "} from './deco.js';",
    "import { one as uno, traced } from './deco.js';",
    "import * as all from './deco.js';",
    'export class Page {',
    '  @traced',
    '  open() { uno(); }',
    '  @traced({ deep: true })',
    '  close() { validate(); all.one(); }',
    '}',
    'export async function later(task: Task) {',
    "  (await import('./deco.js')).traced(1);",
    '  task.uno();',
    '}',
  ].join('\n'),
  'old.js':
    "const { one: eins } = require('./deco');\nconst deco = require('./deco');\nfunction run() { eins(); deco.validate(); }\n",
  'foreign.js': "async function run() { (await import('node:path')).traced(1); }\n",
};

describe('JavaScript', () => {
  test('[symbols.references] decorators and modules imported on the spot are uses', async () => {
    expect(await uses(script, 'traced')).toEqual([
      'use.ts:13 call',
      'use.ts:4 import',
      'use.ts:7 other',
      'use.ts:9 other',
    ]);
    expect(await callers(script, 'traced')).toEqual(['Page use.ts:7', 'later use.ts:13']);
  });

  test('[symbols.references] a renamed import is followed, from a module of either kind', async () => {
    expect(await uses(script, 'one')).toEqual([
      'old.js:1 import',
      'old.js:3 call',
      'use.ts:10 call',
      'use.ts:4 import',
      'use.ts:8 call',
    ]);
    expect(await callers(script, 'open', 'callees')).toEqual(['one use.ts:8']);
  });

  test('[symbols.references] an import over several lines is one use, on the line of the name', async () => {
    expect(await uses(script, 'validate')).toEqual(['old.js:3 call', 'use.ts:10 call', 'use.ts:2 import']);
  });
});

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsIn, refusedImports } from './imports.ts';

const root = join(import.meta.dirname, '../..');
const sources = globSync('{operator,server}/src/**/*.ts', { cwd: root }).map((file) => ({
  file,
  text: readFileSync(join(root, file), 'utf8'),
}));

test('[proof.one-direction] no source imports from a room that it must not know', () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(refusedImports(sources.flatMap(({ file, text }) => importsIn(file, text)))).toEqual([]);
});

test('every source opens with the sentence that says what it decides', () => {
  const silent = sources.filter(
    ({ file, text }) => !file.endsWith('.test.ts') && !/^(#!.*\n)?\/\*\*\s[\s*]*[A-Z]/.test(text),
  );
  expect(silent.map(({ file }) => file)).toEqual([]);
});

describe('refusedImports', () => {
  test.each([
    {
      name: 'the operator may import the contract',
      file: 'operator/src/server/a.ts',
      from: '@codesage/server/contract',
      refused: false,
    },
    {
      name: 'the operator may not import the engine',
      file: 'operator/src/server/a.ts',
      from: '../../../server/src/engine.ts',
      refused: true,
    },
    {
      name: 'the runtime may not import the API',
      file: 'operator/src/runtime/a.ts',
      from: '../api/group.ts',
      refused: true,
    },
    {
      name: 'the runtime may not import the contract',
      file: 'operator/src/runtime/a.ts',
      from: '@codesage/server/contract',
      refused: true,
    },
    { name: 'the runtime may import packages', file: 'operator/src/runtime/a.ts', from: 'undici', refused: false },
    {
      name: 'the server may not import the operator',
      file: 'server/src/main.ts',
      from: '../../operator/src/main.ts',
      refused: true,
    },
    {
      name: 'the contract may not import its neighbours',
      file: 'server/src/contract.ts',
      from: './errors.ts',
      refused: true,
    },
    {
      name: 'a tool may not import the index',
      file: 'server/src/tools/a.ts',
      from: '../index/engine.ts',
      refused: true,
    },
    {
      name: 'a test may import what it needs',
      file: 'operator/src/runtime/a.test.ts',
      from: '../api/group.ts',
      refused: false,
    },
  ])('$name', ({ file, from, refused }) => {
    expect(refusedImports(importsIn(file, `import { a } from '${from}';`)).length > 0).toBe(refused);
  });
});

test('importsIn sees static, type, bare and dynamic imports', () => {
  const text =
    "import { a } from 'zod';\nimport type { b } from './b.ts';\nimport 'c';\nconst d = await import('../d.ts');\n";
  expect(importsIn('server/src/x/y.ts', text).map(({ target }) => target)).toEqual([
    'zod',
    'server/src/x/b.ts',
    'c',
    'server/src/d.ts',
  ]);
});

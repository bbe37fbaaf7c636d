import { globSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pathsIn, unmentioned } from './architecture.ts';

const root = join(import.meta.dirname, '../..');

describe('[proof.docs] the component table of docs/architecture.md', async () => {
  const paths = pathsIn(await readFile(join(root, 'docs/architecture.md'), 'utf8'));

  test('is found', () => {
    expect(paths.length).toBeGreaterThan(20);
  });

  test.each(paths)('%s exists', async (path) => {
    const found = await stat(join(root, path));
    // An empty folder is nothing to git: it would be missing from a clone.
    if (found.isDirectory()) expect(globSync('**/*.*', { cwd: join(root, path) })).not.toEqual([]);
  });

  test('names every folder that holds sources', () => {
    const files = globSync('{operator,server}/src/*/**/*.ts', { cwd: root });
    const folders = [...new Set(files.map((file) => dirname(file)))].filter((folder) => !folder.endsWith('/testing'));
    expect(unmentioned(folders, paths)).toEqual([]);
  });
});

describe('pathsIn', () => {
  test('reads the last column of rows and nothing else', () => {
    const page =
      '`a.ts` in a sentence\n| part | what `b.ts` does | `c.ts`, `d` |\n|---|---|---|\n| no path | here | at all |\n';
    expect(pathsIn(page)).toEqual(['c.ts', 'd']);
  });
});

describe('unmentioned', () => {
  test.each([
    { folder: 'server/src/a', paths: ['server/src/a'], missing: [] },
    { folder: 'server/src/a/b', paths: ['server/src/a'], missing: [] },
    { folder: 'server/src/a', paths: ['server/src/a/main.ts'], missing: [] },
    { folder: 'server/src/ab', paths: ['server/src/a'], missing: ['server/src/ab'] },
  ])('$folder beside $paths leaves $missing', ({ folder, paths, missing }) => {
    expect(unmentioned([folder], paths)).toEqual(missing);
  });
});

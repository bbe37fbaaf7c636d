import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type ScanResult, type ScanSpan, scanTree } from './scan.ts';
import { scanInParts } from './scan-parts.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

function treeOf(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'codesage-test-'));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const rules = { include: [], exclude: ['**/excluded'], maxFileSizeBytes: 1000 };

/** Many directories on several levels, with rules that reach over the borders between parts. */
function wideTree(): Record<string, string> {
  const files: Record<string, string> = {
    '.gitignore': '*.log\n/a1/b2/\n/a2/*/gone.ts\n',
    'top.ts': '',
    'a3/.gitignore': '!kept.log\nc*/no.ts\n',
    'a3/b1/.codesageignore': '/c0/\n',
    'a4/excluded/deep/file.ts': '',
  };
  for (let a = 0; a < 6; a++) {
    for (let b = 0; b < 5; b++) {
      for (let c = 0; c < 4; c++) {
        const directory = `a${a}/b${b}/c${c}`;
        for (const name of ['file.ts', 'some.log', 'kept.log', 'gone.ts', 'no.ts'])
          files[`${directory}/${name}`] = name;
        files[`${directory}/large.ts`] = 'x'.repeat(1001);
      }
      files[`a${a}/b${b}/gone.ts`] = '';
    }
  }
  return files;
}

async function inParts(root: string, threads: number): Promise<{ result: ScanResult; spans: ScanSpan[] }> {
  const spans: ScanSpan[] = [];
  const result = await scanInParts(threads, async (span) => {
    spans.push(span);
    return scanTree(root, rules, span);
  });
  return { result, spans };
}

const sorted = ({ files, skipped }: ScanResult) => ({
  files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  skipped,
});

test.each([2, 3, 8])('[index.skips] a tree scanned by %i threads is the tree that one would see', async (threads) => {
  const root = treeOf(wideTree());
  const whole = scanTree(root, rules);
  const { result, spans } = await inParts(root, threads);
  expect(spans.length).toBe(1 + 4 * threads);
  expect(sorted(result)).toEqual(sorted(whole));
  expect(whole.files.map(({ path }) => path)).toEqual(expect.arrayContaining(['top.ts', 'a3/b0/c0/kept.log']));
  expect(whole.skipped).toMatchObject({ ignored: expect.any(Number), excluded: 1, tooLarge: expect.any(Number) });
  expect((await inParts(root, threads)).result, 'in the same order each time').toEqual(result);
});

test('one thread, or a small tree, is one part', async () => {
  const root = treeOf(wideTree());
  expect((await inParts(root, 1)).spans).toHaveLength(1);
  const small = treeOf({ 'a/b.ts': '', 'c.ts': '' });
  const { result, spans } = await inParts(small, 2);
  expect(spans).toHaveLength(1);
  expect(result.files.map(({ path }) => path)).toEqual(['a/b.ts', 'c.ts']);
});

test('a tree that is not there is told as such', async () => {
  await expect(inParts('/nonexistent/tree', 2)).rejects.toThrow('ENOENT');
});

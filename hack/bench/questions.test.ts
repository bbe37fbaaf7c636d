/** Decides whether questions come from comments, and changes go to files whose comments are known. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changesTo, questionsFrom } from './questions.ts';

let tree: string;
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'codesage-questions-'));
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

test('questions are the sentences of comments, each once, and the same for the same tree', () => {
  writeFileSync(join(tree, 'a.go'), '// waits until the last payment has been made\nfunc a() {}\n// short\n');
  writeFileSync(
    join(tree, 'b.py'),
    '# waits until the last payment has been made\n  # counts what is left in the cart of a customer\n',
  );
  const questions = questionsFrom(tree, 10);
  expect(questions).toEqual([
    'waits until the last payment has been made',
    'counts what is left in the cart of a customer',
  ]);
  expect(questionsFrom(tree, 10)).toEqual(questions);
  expect(questionsFrom(tree, 1)).toEqual(questions.slice(0, 1));
});

test('every so manyth file gets a comment of its own language', () => {
  const files = ['a.go', 'b.bin', 'c.py', 'd.md', 'e.ts', 'f.rs'];
  expect(changesTo(files, 2, 'word')).toEqual([
    { path: 'a.go', line: '\n// word\n' },
    { path: 'e.ts', line: '\n// word\n' },
  ]);
  expect(changesTo(files, 1, 'word').map(({ path }) => path)).toEqual(['a.go', 'c.py', 'e.ts', 'f.rs']);
});

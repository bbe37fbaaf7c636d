import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTree, renamed } from './million-tree.ts';

test('a name has the same new name wherever it is, words of the language keep theirs', () => {
  const text = 'function retryPayment(payment) { return retryPayment(payment - 1); }';
  const other = renamed(text, 1);
  const [first, second] = [...other.matchAll(/retryPayment\w+/g)].map(([name]) => name);
  expect(first).toBe(second);
  expect(other).toMatch(/^function retryPayment\w+\(payment\w+\) \{ return /);
  expect(renamed(text, 2)).not.toBe(other);
  expect(renamed(text, 0)).toBe(text);
});

test('a tree of this machine’s code has about the size asked for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tree-'));
  try {
    const files = await makeTree(folder, 200_000);
    const made = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(made).toHaveLength(files);
    const bytes = made.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
    expect(bytes).toBeGreaterThanOrEqual(200_000);
    expect(bytes).toBeLessThan(450_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

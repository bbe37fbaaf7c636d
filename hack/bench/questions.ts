/** Decides what is asked of a code base: sentences from its own comments, and lines by which a change is found again. */
import { execFileSync } from 'node:child_process';
import { rgPath } from '@vscode/ripgrep';
import type { Change } from './contenders/semble.ts';

/**
 * Real questions: the words of comments, taken evenly over the tree, no two the same, so that no cache answers. The
 * same tree gives the same questions.
 */
export function questionsFrom(tree: string, count: number): string[] {
  const pattern = '^\\s*(//|#) [A-Za-z ]{30,80}';
  const args = ['--no-config', '--no-filename', '--no-line-number', '--sort=path', '--max-count=3', '-e', pattern, '.'];
  const output = execFileSync(rgPath, args, { cwd: tree, encoding: 'utf8', maxBuffer: 1 << 28 });
  const cleaned = output.split('\n').map((line) => line.replace(/^\s*(?:\/\/|#)\s*/, '').slice(0, 80));
  const lines = [...new Set(cleaned)].filter((line) => line !== '');
  const every = Math.max(1, Math.floor(lines.length / count));
  return lines.filter((_, i) => i % every === 0).slice(0, count);
}

const commentSigns: readonly [RegExp, string][] = [
  [/\.(go|ts|tsx|js|java|rs|c|h|cc|cpp|cs|kt|swift|scala|php)$/, '//'],
  [/\.(py|rb|sh|yaml|yml|toml)$/, '#'],
];

/** A comment with a word that is nowhere else, for every `every`th of the files whose comments are known. */
export function changesTo(files: readonly string[], every: number, word: string): Change[] {
  const sign = (path: string) => commentSigns.find(([name]) => name.test(path))?.[1];
  return files
    .filter((path) => sign(path) !== undefined)
    .filter((_, i) => i % every === 0)
    .map((path) => ({ path, line: `\n${sign(path)} ${word}\n` }));
}

/** Decides how lines are counted where their patches are not wanted: all files in one go, while there is time. */
import type { Turns } from '../turns.ts';
import { compareOptions } from './commit-facts.ts';
import type { OpenHistory } from './open-history.ts';
import { pathspec } from './path-argument.ts';
import type { FileDiff } from './port.ts';
import { fieldsIn } from './raw-changes.ts';

export type LineCounts = Pick<FileDiff, 'added' | 'deleted' | 'without'>;

const countingSeconds = 10;
const countedBytes = 32 << 20;

/** Counts by path, relative to the codebase. Files for which there is no time are missing. */
export async function countLines(
  history: OpenHistory,
  { from, to }: { from: string | undefined; to: string },
  emptyTree: string,
): Promise<ReadonlyMap<string, LineCounts>> {
  const args = [
    'diff-tree',
    '-z',
    '--numstat',
    '--no-ext-diff',
    '--no-textconv',
    ...compareOptions,
    '--end-of-options',
  ];
  const { bytes } = await history.view.read([...args, from ?? emptyTree, to, '--', ...pathspec(history, undefined)], {
    what: 'Counting lines',
    seconds: countingSeconds,
    maxBytes: countedBytes,
  });
  return parseNumstat(bytes, history.view.repository.prefix, history.shown.turns);
}

/** Reads `--numstat -z`: of a renamed file both names follow as fields of their own. */
export async function parseNumstat(bytes: Buffer, prefix: string, turns: Turns): Promise<Map<string, LineCounts>> {
  const counts = new Map<string, LineCounts>();
  const cut = prefix === '' ? 0 : prefix.length + 1;
  const fields = fieldsIn(bytes);
  for (let next = fields.next(); next.done !== true; next = fields.next()) {
    if (turns.isOver()) await turns.rest();
    const found = /^(\d+|-)\t(\d+|-)\t([\s\S]*)$/.exec(next.value);
    if (found === null) continue;
    const [, added = '', deleted = '', name = ''] = found;
    if (name === '') fields.next();
    const path = name === '' ? fields.next().value : name;
    if (path === undefined) break;
    const lines = added === '-' ? { without: 'binary' as const } : { added: Number(added), deleted: Number(deleted) };
    counts.set(path.slice(cut), lines);
  }
  return counts;
}

/** Decides how the difference of two contents is shown: as hunks of lines, cut where they do not fit. */
import { decodeText } from '../sources/text-encoding.ts';
import { type GitView, gitFailed } from './git-view.ts';
import type { RawChange } from './raw-changes.ts';

export type PatchOptions = { contextLines: number; ignoreWhitespace: boolean };

/** `lines` begin with the first `@@`. Absent numbers: a binary file. */
export type Patch = { isBinary: boolean; added: number; deleted: number; lines: string[]; isCut: boolean };

const patchSeconds = 10;
const patchBytes = 4 << 20;
const nothingMode = '000000';

/** Compares the two contents of a change. They are named by their ids: no path of anybody's gets to git. */
export async function readPatch(view: GitView, change: RawChange, options: PatchOptions): Promise<Patch> {
  const side = (mode: string, id: string) => (mode === nothingMode ? view.emptyBlob : id);
  const args = [
    'diff',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    '--no-prefix',
    '--numstat',
    '--patch',
    '--diff-algorithm=histogram',
    `--unified=${options.contextLines}`,
    ...(options.ignoreWhitespace ? ['--ignore-all-space'] : []),
    '--end-of-options',
    side(change.oldMode, change.oldId),
    side(change.newMode, change.newId),
  ];
  const { bytes, code, isCut } = await view.read(args, {
    what: 'Comparing a file',
    seconds: patchSeconds,
    maxBytes: patchBytes,
  });
  if (code !== 0 && !isCut) throw gitFailed('Comparing a file');
  return parsePatch(bytes, isCut);
}

/** Reads the output of `git diff --numstat --patch` of one file. */
export function parsePatch(bytes: Buffer, isCut: boolean): Patch {
  const counts = /^(\d+|-)\t(\d+|-)\t/.exec(bytes.toString('latin1', 0, 64));
  if (counts === null) return { isBinary: false, added: 0, deleted: 0, lines: [], isCut };
  if (counts[1] === '-') return { isBinary: true, added: 0, deleted: 0, lines: [], isCut };
  const begin = bytes.indexOf('\n@@ ');
  const hunks = begin < 0 ? '' : (decodeText(bytes.subarray(begin + 1)) ?? '');
  const lines = hunks === '' ? [] : hunks.replace(/\n$/, '').split('\n');
  return { isBinary: false, added: Number(counts[1]), deleted: Number(counts[2]), lines, isCut };
}

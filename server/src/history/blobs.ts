/** Decides what may be said of a file's content in a commit: nothing where it is a private key, whatever it is called. */
import { isSecretText } from '../sources/secret-rules.ts';
import { decodeText } from '../sources/text-encoding.ts';
import type { Turns } from '../turns.ts';
import { type GitView, gitFailed } from './git-view.ts';
import type { RawChange } from './raw-changes.ts';

const submoduleMode = '160000';
const nothingMode = '000000';
/** What a key's file has at most in front of the key is read; the rest of large files is not. */
const readBytes = 32 << 20;

export function isSubmodule({ oldMode, newMode }: RawChange): boolean {
  return oldMode === submoduleMode || newMode === submoduleMode;
}

/** Ids of the contents on both sides, where there are any. */
export function contentsOf(change: RawChange): string[] {
  const sides = [
    { mode: change.oldMode, id: change.oldId },
    { mode: change.newMode, id: change.newId },
  ];
  return sides.filter(({ mode }) => mode !== nothingMode && mode !== submoduleMode).map(({ id }) => id);
}

/**
 * Which of these contents are private keys.
 * @param maxBytes larger ones are not looked into: they are never shown as text
 */
export async function privateKeysAmong(
  view: GitView,
  ids: readonly string[],
  maxBytes: number,
  turns: Turns,
): Promise<ReadonlySet<string>> {
  const unique = [...new Set(ids)];
  if (unique.length === 0) return new Set();
  const sizes = await view.read(['cat-file', '--batch-check=%(objectname) %(objectsize)'], {
    what: 'Reading sizes of files',
    input: `${unique.join('\n')}\n`,
  });
  const readable = sizes.bytes
    .toString('latin1')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([id, size]) => id !== undefined && /^\d+$/.test(size ?? '') && Number(size) <= maxBytes)
    .map(([id = '', size]) => ({ id, size: Number(size) }));
  const keys = new Set<string>();
  for (const batch of inBatches(readable)) {
    for (const { id, bytes } of await readContents(view, batch)) {
      if (turns.isOver()) await turns.rest();
      const text = decodeText(bytes);
      if (text !== undefined && isSecretText(text)) keys.add(id);
    }
  }
  return keys;
}

type Sized = { id: string; size: number };

function* inBatches(sized: readonly Sized[]): Generator<Sized[]> {
  let batch: Sized[] = [];
  let bytes = 0;
  for (const one of sized) {
    if (bytes + one.size > readBytes && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(one);
    bytes += one.size;
  }
  if (batch.length > 0) yield batch;
}

async function readContents(view: GitView, batch: readonly Sized[]): Promise<{ id: string; bytes: Buffer }[]> {
  const { bytes } = await view.read(['cat-file', '--batch=%(objectname)'], {
    what: 'Reading files',
    input: `${batch.map(({ id }) => id).join('\n')}\n`,
    maxBytes: readBytes * 2,
  });
  const contents: { id: string; bytes: Buffer }[] = [];
  let at = 0;
  for (const { id, size } of batch) {
    // Each is its id and a line end, its content, and a line end.
    const begin = at + id.length + 1;
    if (bytes.toString('latin1', at, begin - 1) !== id || begin + size > bytes.length) break;
    contents.push({ id, bytes: bytes.subarray(begin, begin + size) });
    at = begin + size + 1;
  }
  // What was not looked into is not shown.
  if (contents.length < batch.length) throw gitFailed('Reading files');
  return contents;
}

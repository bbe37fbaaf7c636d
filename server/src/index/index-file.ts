/** Decides what one file contributes to the index: nothing new, a reason to leave it out, or its chunks. */

import { hash as digest } from 'node:crypto';
import { join } from 'node:path';
import { type Chunk, chunkFile } from '../chunking/chunker.ts';
import { languageOf } from '../chunking/languages.ts';

import { type SkipReason, skipReasonOfText } from '../sources/file-rules.ts';
import { readRegularFile } from '../sources/regular-file.ts';
import { decodeText } from '../sources/text-encoding.ts';
import { countLineKinds } from '../syntax/line-count.ts';
import { emptySyntax, type Syntax } from '../syntax/types.ts';
import type { FileToRead, IndexTask, ReadFile } from './worker-protocol.ts';

export type IndexedFile = { file: ReadFile; text: string; syntax: Syntax; chunks: Chunk[] };
export type ParseFile = (path: string, text: string) => Promise<Syntax>;

/** Content hash of a file, as kept in the index. */
export function contentHash(content: Uint8Array): string {
  return digest('sha256', content, 'hex').slice(0, 40);
}

/** Reads one file, parses it and cuts it. Never rejects for a file's sake: an unreadable file is a skipped one. */
export async function indexFile(
  wanted: FileToRead,
  task: IndexTask,
  readAtMs: number,
  parse: ParseFile,
): Promise<IndexedFile> {
  const base: ReadFile = {
    path: wanted.path,
    outcome: 'gone',
    hash: '',
    language: languageOf(wanted.path),
    sizeBytes: wanted.sizeBytes,
    mtimeMs: wanted.mtimeMs,
    readAtMs,
    lines: 0,
    codeLines: 0,
    commentLines: 0,
    blankLines: 0,
    chunks: 0,
    syntaxProblem: '',
  };
  const without = (file: ReadFile): IndexedFile => ({
    file,
    text: '',
    syntax: emptySyntax(file.language),
    chunks: [],
  });
  const skip = (reason: SkipReason, hash = ''): IndexedFile => {
    const unchanged = hash !== '' && hash === wanted.knownHash;
    return without({ ...base, hash, outcome: unchanged ? 'same' : 'skipped', reason });
  };
  if (wanted.care?.leaveOut === true) return skip('unreadable');
  let bytes: Buffer | undefined;
  try {
    bytes = readRegularFile(join(task.root, wanted.path), task.maxFileSizeBytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return without(base);
    return skip('unreadable');
  }
  if (bytes === undefined) return skip('tooLarge');
  const hash = contentHash(bytes);
  if (hash === wanted.knownHash) return without({ ...base, hash, outcome: 'same' });
  const text = decodeText(bytes);
  if (text === undefined) return skip('binary', hash);
  const reason = skipReasonOfText(text, wanted.path, base.language);
  if (reason !== undefined) return skip(reason, hash);
  const syntax =
    wanted.care === undefined ? await parse(wanted.path, text) : emptySyntax(base.language, wanted.care.problem);
  const chunks = chunkFile(text, task.chunkLimit, syntax);
  // No byte of UTF-8 is 0xfe or more: it is a byte order mark of UTF-16, in which lines cannot be told by their bytes.
  const counted = (bytes[0] ?? 0) >= 0xfe ? Buffer.from(text) : bytes;
  const { code, comment, blank } = countLineKinds(counted, syntax.language);
  const file: ReadFile = {
    ...base,
    outcome: 'indexed',
    hash,
    language: syntax.language,
    lines: countLines(text),
    codeLines: code,
    commentLines: comment,
    blankLines: blank,
    chunks: chunks.length,
    syntaxProblem: syntax.problem ?? '',
  };
  return { file, text, syntax, chunks };
}

/** Lines of a text; a last line without newline counts. */
export function countLines(text: string): number {
  if (text === '') return 0;
  let lines = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** Decides what of a file's chunks becomes rows of the `chunks` table. */
import { type ChunkSymbols, symbolsOfChunks } from '../chunking/chunk-symbols.ts';
import type { Chunk } from '../chunking/chunker.ts';
import { definitionsIn } from '../chunking/definitions.ts';
import { definitionWord, pathWords, type WordSplitter } from '../chunking/words.ts';
import type { IndexedFile } from './index-file.ts';
import { packText, type TextColumn, TextColumnBuilder } from './text-column.ts';
import type { ChunkColumns } from './worker-protocol.ts';

export type ChunkRow = { path: string; language: string; chunk: Chunk; symbols: ChunkSymbols };

/** The rows of one file. Where no grammar tells what a chunk defines, its text does. */
export function rowsOf({ file, chunks, syntax }: IndexedFile): ChunkRow[] {
  const { path, language } = file;
  if (syntax.problem === undefined) {
    return symbolsOfChunks(chunks, syntax.symbols).map((symbols, i) => ({
      path,
      language,
      chunk: chunks[i] as Chunk,
      symbols,
    }));
  }
  return chunks.map((chunk) => {
    const symbols: ChunkSymbols = { definitions: definitionsIn(chunk.text, language), kinds: [], scope: '' };
    return { path, language, chunk, symbols };
  });
}

export function packChunks(rows: readonly ChunkRow[], vectors: Float32Array, splitter: WordSplitter): ChunkColumns {
  return {
    count: rows.length,
    path: packText(rows.map(({ path }) => path)),
    language: packText(rows.map(({ language }) => language)),
    startLine: Int32Array.from(rows, ({ chunk }) => chunk.startLine),
    endLine: Int32Array.from(rows, ({ chunk }) => chunk.endLine),
    definitions: packText(rows.map(({ symbols }) => symbols.definitions.join(' '))),
    kinds: packText(rows.map(({ symbols }) => symbols.kinds.join(' '))),
    scope: packText(rows.map(({ symbols }) => symbols.scope)),
    text: packText(rows.map(({ chunk }) => chunk.text)),
    words: packWords(rows, splitter),
    vectors,
  };
}

/** The search words of each row. */
function packWords(rows: readonly ChunkRow[], splitter: WordSplitter): TextColumn {
  const builder = new TextColumnBuilder();
  let wordsOfPath = '';
  for (const [i, { path, chunk, symbols }] of rows.entries()) {
    if (path !== rows[i - 1]?.path) wordsOfPath = pathWords(splitter, path);
    const defined = symbols.definitions.map(definitionWord).join(' ');
    builder.add(` ${wordsOfPath} ${defined}`, splitter.splitBytes(chunk.text));
  }
  return builder.finish();
}

/** Decides how chunks become a segment, read from the table or taken over from older segments. */
import { Grow, growWords, TextList } from './grow.ts';
import { PostingsBuilder } from './postings.ts';
import { quantizeRow, roughOf, widthOf } from './quantize.ts';
import type { SegmentData } from './segment-format.ts';

const encoder = new TextEncoder();

/** What tells a file's state from every other one. */
export type FileState = { hash: number; readAt: number };

/** One row of the chunks table. */
export type ChunkRow = {
  path: string;
  language: string;
  startLine: number;
  endLine: number;
  definitions: string;
  kinds: string;
  /** UTF-8 words, separated by spaces. */
  words: { bytes: Uint8Array; from: number; to: number };
  vector: ArrayLike<number>;
  rowId: bigint;
};

export class SegmentBuilder {
  readonly #dimensions: number;
  readonly #width: number;
  readonly #postings = new PostingsBuilder();
  readonly #vectors = new Grow((length) => new Int8Array(length));
  readonly #scales = new Grow((length) => new Float32Array(length));
  readonly #chunkFile = growWords();
  readonly #startLine = new Grow((length) => new Int32Array(length));
  readonly #endLine = new Grow((length) => new Int32Array(length));
  readonly #fragment = growWords();
  readonly #offset = growWords();
  readonly #definitions = new TextList();
  readonly #kinds = new TextList();
  readonly #paths = new TextList();
  readonly #fileLanguage = new Grow((length) => new Uint16Array(length));
  readonly #fileHash = growWords();
  readonly #fileReadAt = new Grow((length) => new Float64Array(length));
  readonly #fileChunks = growWords();
  readonly #languages: string[] = [];
  readonly #fileByPath = new Map<string, number>();

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#width = widthOf(dimensions);
  }

  get chunks(): number {
    return this.#postings.chunks;
  }

  /** True when chunks of this file were added. */
  has(path: string): boolean {
    return this.#fileByPath.has(path);
  }

  add(row: ChunkRow, state: FileState): void {
    const file = this.#fileByPath.get(row.path) ?? this.#addFile(row.path, row.language, state);
    this.#postings.addWords(row.words.bytes, row.words.from, row.words.to);
    this.#reserveVector();
    const at = this.#vectors.length;
    this.#scales.push(quantizeRow(row.vector, this.#vectors.values, at));
    this.#vectors.length += this.#width;
    this.#addPlace(file, row.startLine, row.endLine, Number(row.rowId >> 32n), Number(row.rowId & 0xffff_ffffn));
    this.#definitions.add(encoder.encode(row.definitions));
    this.#kinds.add(encoder.encode(row.kinds));
  }

  #reserveVector(): void {
    this.#vectors.reserve(this.#width);
    this.#vectors.values.fill(0, this.#vectors.length, this.#vectors.length + this.#width);
  }

  #addFile(path: string, language: string, { hash, readAt }: FileState): number {
    const file = this.#paths.count;
    this.#fileByPath.set(path, file);
    this.#paths.add(encoder.encode(path));
    const known = this.#languages.indexOf(language);
    this.#fileLanguage.push(known === -1 ? this.#languages.push(language) - 1 : known);
    this.#fileHash.push(hash);
    this.#fileReadAt.push(readAt);
    this.#fileChunks.push(0);
    return file;
  }

  #addPlace(file: number, startLine: number, endLine: number, fragment: number, offset: number): void {
    this.#chunkFile.push(file);
    this.#fileChunks.values[file] = (this.#fileChunks.values[file] as number) + 1;
    this.#startLine.push(startLine);
    this.#endLine.push(endLine);
    this.#fragment.push(fragment);
    this.#offset.push(offset);
  }

  /** Takes over the chunks of a finished segment whose byte in `live` is not 0. */
  addSegment({ facts, sections }: SegmentData, live: Uint8Array): void {
    const renumbered = new Int32Array(facts.chunks).fill(-1);
    const files = new Map<number, number>();
    for (let chunk = 0, next = 0; chunk < facts.chunks; chunk++) {
      if (live[chunk] === 0) continue;
      renumbered[chunk] = next++;
      const oldFile = sections.chunkFile[chunk] as number;
      const file = files.get(oldFile) ?? this.#takeFile({ facts, sections }, oldFile);
      files.set(oldFile, file);
      this.#reserveVector();
      const from = chunk * this.#width;
      this.#vectors.values.set(sections.vectors.subarray(from, from + this.#width), this.#vectors.length);
      this.#vectors.length += this.#width;
      this.#scales.push(sections.scales[chunk] as number);
      this.#addPlace(
        file,
        sections.chunkStartLine[chunk] as number,
        sections.chunkEndLine[chunk] as number,
        sections.chunkFragment[chunk] as number,
        sections.chunkOffset[chunk] as number,
      );
      copyText(this.#definitions, sections.definitionBytes, sections.definitionStarts, chunk);
      copyText(this.#kinds, sections.kindBytes, sections.kindStarts, chunk);
    }
    this.#postings.addSegment(sections, renumbered);
  }

  #takeFile({ facts, sections }: SegmentData, file: number): number {
    const [from, to] = [sections.filePathStarts[file] as number, sections.filePathStarts[file + 1] as number];
    const path = Buffer.from(sections.filePathBytes.subarray(from, to)).toString();
    const language = facts.languages[sections.fileLanguage[file] as number] ?? '';
    const state = { hash: sections.fileHash[file] as number, readAt: sections.fileReadAt[file] as number };
    return this.#addFile(path, language, state);
  }

  finish(): SegmentData {
    const vectors = this.#vectors.filled();
    const scales = this.#scales.filled();
    const definitions = this.#definitions.filled();
    const kinds = this.#kinds.filled();
    const paths = this.#paths.filled();
    return {
      facts: {
        chunks: this.#postings.chunks,
        dimensions: this.#dimensions,
        width: this.#width,
        totalLength: this.#postings.totalLength,
        languages: this.#languages,
      },
      sections: {
        ...roughOf(vectors, scales, this.#width),
        vectors,
        scales,
        chunkFile: this.#chunkFile.filled(),
        chunkStartLine: this.#startLine.filled(),
        chunkEndLine: this.#endLine.filled(),
        chunkFragment: this.#fragment.filled(),
        chunkOffset: this.#offset.filled(),
        definitionStarts: definitions.starts,
        definitionBytes: definitions.bytes,
        kindStarts: kinds.starts,
        kindBytes: kinds.bytes,
        filePathStarts: paths.starts,
        filePathBytes: paths.bytes,
        fileLanguage: this.#fileLanguage.filled(),
        fileHash: this.#fileHash.filled(),
        fileReadAt: this.#fileReadAt.filled(),
        fileChunks: this.#fileChunks.filled(),
        ...this.#postings.finish(),
      },
    };
  }
}

function copyText(to: TextList, bytes: Uint8Array, starts: Uint32Array, index: number): void {
  to.add(bytes, starts[index], starts[index + 1]);
}

/** Decides which texts of hits come out of the packs of exact search: a few lines of a file that is open, instead of a query to the table. */
import { close, open, read } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { TextSet } from './published-texts.ts';
import { linesPerMark, type PackedText, type TextPack } from './text-pack.ts';

/** Where a chunk lies: both lines from 1, both included. */
export type ChunkPlace = { path: string; startLine: number; endLine: number };

/** Packs that stay open; each is some megabytes of text. */
const mostOpen = 64;
/** What has longer lines around it is not read here. */
const mostBytes = 128 * 1024;
const newline = 10;

/** The bytes of a text that hold these lines: from the last mark before them to the first behind them. */
export function bytesAround(text: PackedText, { startLine, endLine }: ChunkPlace): { from: number; to: number } {
  const { marks, bytes } = text;
  const from = marks[Math.floor((startLine - 1) / linesPerMark)] ?? bytes;
  return { from, to: marks[Math.ceil(endLine / linesPerMark)] ?? bytes };
}

/**
 * Text of the chunk on these lines, given the bytes around it. Undefined where the lines are longer than any chunk: then
 * one of them was cut, and only the table knows where.
 * @param limit UTF-16 units that a chunk has at most
 */
export function chunkTextIn(around: Buffer, { startLine, endLine }: ChunkPlace, limit: number): string | undefined {
  let from = 0;
  for (let skip = (startLine - 1) % linesPerMark; skip > 0; skip--) from = around.indexOf(newline, from) + 1;
  let to = from;
  for (let line = startLine; line <= endLine; line++) {
    const end = around.indexOf(newline, to);
    if (end < 0) return undefined;
    to = end + 1;
  }
  // Chunks end before their last white space.
  const text = around.toString('utf8', from, to).trimEnd();
  return text.length <= limit ? text : undefined;
}

/** Reads chunks out of packs, which it keeps open. */
export class Passages {
  readonly #open = new LRUCache<TextPack, OpenPack>({ max: mostOpen, dispose: (pack) => pack.release() });

  /** Texts of the chunks, undefined for each that only the table has. `texts` must be in use meanwhile. Never rejects. */
  read(
    texts: TextSet,
    directory: string,
    places: readonly ChunkPlace[],
    limit: number,
  ): Promise<(string | undefined)[]> {
    return Promise.all(
      places.map(async (place) => {
        const text = texts.get(place.path);
        if (text === undefined || place.endLine > text.lines) return undefined;
        const { from, to } = bytesAround(text, place);
        if (to - from > mostBytes) return undefined;
        const around = await this.#packOf(text.pack, directory).read(text.start + from, to - from);
        return around === undefined ? undefined : chunkTextIn(around, place, limit);
      }),
    );
  }

  #packOf(pack: TextPack, directory: string): OpenPack {
    const known = this.#open.get(pack);
    if (known !== undefined && !known.failed) return known;
    const opened = new OpenPack(join(directory, pack.name));
    this.#open.set(pack, opened);
    return opened;
  }

  /** Lets go of a pack that is deleted, whose bytes would stay on the volume for as long as it is open. */
  forget(pack: TextPack): void {
    this.#open.delete(pack);
  }

  close(): void {
    this.#open.clear();
  }
}

/** An open file, closed after the last reading. With callbacks: file handles of promises cost as much again as the reading. */
class OpenPack {
  failed = false;
  readonly #file: Promise<number | undefined>;
  #users = 1;

  constructor(path: string) {
    this.#file = new Promise((resolve) => {
      open(path, 'r', (failure, file) => {
        this.failed = failure !== null;
        resolve(failure === null ? file : undefined);
      });
    });
  }

  async read(position: number, length: number): Promise<Buffer | undefined> {
    this.#users++;
    const file = await this.#file;
    const content = file === undefined ? undefined : await readAt(file, position, length);
    this.release();
    return content;
  }

  release(): void {
    this.#users--;
    if (this.#users === 0) void this.#file.then((file) => file !== undefined && close(file, () => undefined));
  }
}

function readAt(file: number, position: number, length: number): Promise<Buffer | undefined> {
  const content = Buffer.allocUnsafe(length);
  return new Promise((resolve) => {
    read(file, content, 0, length, position, (failure, count) =>
      resolve(failure === null && count === length ? content : undefined),
    );
  });
}

/**
 * Decides how published texts lie on disk for ripgrep: many files one after the other in a few packs of some megabytes.
 * A search then opens a handful of files instead of thousands, which takes a seventh of the time of a search in the tree.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Packs of this size keep all of ripgrep's threads busy, and bound what a search over several lines reads at once. */
const packBytes = 4 * 1024 * 1024;

/** Few enough to read those around a passage with it, and many enough that the marks take no memory to speak of. */
export const linesPerMark = 32;

/** The text of one file within a pack. Lines are counted from 1, `firstLine` within the pack. */
export type PackedText = {
  readonly path: string;
  readonly hash: string;
  readonly pack: TextPack;
  readonly start: number;
  readonly bytes: number;
  readonly firstLine: number;
  readonly lines: number;
  /** Where, within the text, every `linesPerMark`th line starts. */
  readonly marks: Uint32Array;
};

/** One file of many texts, in the order of their paths; never changed once written. */
export class TextPack {
  /** Path below the directory of all packs; also how ripgrep names it in its output. */
  readonly name: string;
  readonly texts: readonly PackedText[];
  readonly bytes: number;

  constructor(name: string, texts: readonly PendingText[]) {
    this.name = name;
    let start = 0;
    let firstLine = 1;
    this.texts = texts.map(({ path, hash, content }) => {
      const isOpen = endsOpen(content);
      const bytes = content.length + (isOpen ? 1 : 0);
      const { newlines, marks } = markLines(content);
      const lines = newlines + (isOpen ? 1 : 0);
      const text = { path, hash, pack: this, start, bytes, firstLine, lines, marks };
      start += bytes;
      firstLine += lines;
      return text;
    });
    this.bytes = start;
  }

  /** The text that holds a line of the pack. */
  textAt(line: number): PackedText | undefined {
    let low = 0;
    let high = this.texts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.texts[middle]?.firstLine ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    const text = this.texts[low];
    return text !== undefined && line < text.firstLine + text.lines ? text : undefined;
  }
}

type PendingText = { path: string; hash: string; content: Buffer };

const newline = 10;
const lineEnd = Buffer.from([newline]);

/** True for a text whose last line is not ended. In a pack it is, or the line would go on in the next file. */
function endsOpen(content: Buffer): boolean {
  return content.length > 0 && content.at(-1) !== newline;
}

function markLines(content: Buffer): { newlines: number; marks: Uint32Array } {
  const marks = [0];
  let newlines = 0;
  for (let at = content.indexOf(newline); at >= 0; at = content.indexOf(newline, at + 1)) {
    newlines++;
    if (newlines % linesPerMark === 0) marks.push(at + 1);
  }
  return { newlines, marks: Uint32Array.from(marks) };
}

/** Writes texts into packs as they come, with memory for one pack. */
export class PackWriter {
  readonly packs: TextPack[] = [];
  readonly #directory: string;
  readonly #nextName: () => string;
  #pending: PendingText[] = [];
  #bytes = 0;

  /** @param nextName gives a name not used before, below `directory` */
  constructor(directory: string, nextName: () => string) {
    this.#directory = directory;
    this.#nextName = nextName;
  }

  /** @param content UTF-8; kept until the pack is written */
  async add(path: string, hash: string, content: Buffer): Promise<void> {
    this.#pending.push({ path, hash, content });
    this.#bytes += content.length;
    if (this.#bytes >= packBytes) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const texts = this.#pending.sort((a, b) => comparePaths(a.path, b.path));
    this.#pending = [];
    this.#bytes = 0;
    const pack = new TextPack(this.#nextName(), texts);
    const file = join(this.#directory, pack.name);
    // Made again with each pack: somebody may empty the directory at any time.
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    try {
      const contents = texts.flatMap(({ content }) => (endsOpen(content) ? [content, lineEnd] : [content]));
      await writeFile(file, contents, { mode: 0o600 });
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    this.packs.push(pack);
  }
}

/** The order of answers. */
export function comparePaths(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

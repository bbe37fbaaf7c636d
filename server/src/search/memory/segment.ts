/** Decides how an immutable segment is held in memory: its bytes and the kernel's work space in one WebAssembly memory. */
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { setImmediate as pause } from 'node:timers/promises';
import { createMemory, instantiateKernel, type Kernel, type WasmMemory } from './kernel.ts';
import { roughScoreCount, signBlock } from './quantize.ts';
import { decodeSegment, readFacts, type Sections, type SegmentData, type SegmentFacts } from './segment-format.ts';

const alignment = 16;
/** More than any header takes. */
const headBytes = 65_536;

/** Addresses of the work space, behind the segment's bytes. */
type Workspace = {
  query: number;
  tables: number;
  histogram: number;
  mask: number;
  scores: number;
  list: number;
  products: number;
  end: number;
};

export class Segment {
  /** Names the segment's file within its directory. */
  readonly name: string;
  /** Tells the file that it was read from apart from any other that had its name; '' for one that is on no disk. */
  readonly identity: string;
  readonly facts: SegmentFacts;
  readonly sections: Sections;
  readonly kernel: Kernel;
  readonly memory: WasmMemory;
  readonly workspace: Workspace;
  /** Paths of the files, by file number. */
  readonly paths: readonly string[];
  readonly #definitionBytes: Buffer;
  readonly #kindBytes: Buffer;

  private constructor(
    { name, identity }: SegmentOrigin,
    memory: WasmMemory,
    workspace: Workspace,
    { facts, sections }: SegmentData,
  ) {
    this.name = name;
    this.identity = identity;
    this.memory = memory;
    this.workspace = workspace;
    this.facts = facts;
    this.sections = sections;
    this.kernel = instantiateKernel(memory);
    this.paths = textsOf(bufferOf(sections.filePathBytes), sections.filePathStarts);
    this.#definitionBytes = bufferOf(sections.definitionBytes);
    this.#kindBytes = bufferOf(sections.kindBytes);
  }

  /** Bytes of memory it takes. */
  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** Address of a section for the kernel. */
  address(section: 'signs' | 'signScales' | 'vectors' | 'scales'): number {
    return this.sections[section].byteOffset;
  }

  /** Row address of a chunk in its table. */
  rowId(chunk: number): bigint {
    const { chunkFragment, chunkOffset } = this.sections;
    return (BigInt(chunkFragment[chunk] as number) << 32n) | BigInt(chunkOffset[chunk] as number);
  }

  language(file: number): string {
    return this.facts.languages[this.sections.fileLanguage[file] as number] ?? '';
  }

  /** Names of the symbols that a chunk defines, with spaces between them. */
  definitions(chunk: number): string {
    return textAt(this.#definitionBytes, this.sections.definitionStarts, chunk);
  }

  /** Bit numbers of the kinds of symbols in this segment; the 32nd and further ones share the last bit. */
  readonly #kindNumbers = new Map<string, number>();
  #kindBits: Uint32Array | undefined;

  /** For each chunk a bit for each kind of symbol it defines. Made when first asked for. */
  kindBits(): Uint32Array {
    if (this.#kindBits !== undefined) return this.#kindBits;
    const bits = new Uint32Array(this.facts.chunks);
    for (let chunk = 0; chunk < bits.length; chunk++) {
      for (const kind of this.kinds(chunk)) {
        const number = this.#kindNumbers.get(kind) ?? Math.min(31, this.#kindNumbers.size);
        this.#kindNumbers.set(kind, number);
        bits[chunk] = (bits[chunk] as number) | (1 << number);
      }
    }
    this.#kindBits = bits;
    return bits;
  }

  /** The bits of some kinds in `kindBits`. */
  kindMask(kinds: readonly string[]): number {
    this.kindBits();
    return kinds.reduce((mask, kind) => {
      const number = this.#kindNumbers.get(kind);
      return number === undefined ? mask : mask | (1 << number);
    }, 0);
  }

  /** Kinds of the symbols that a chunk defines. */
  kinds(chunk: number): string[] {
    const text = textAt(this.#kindBytes, this.sections.kindStarts, chunk);
    return text === '' ? [] : text.split(' ');
  }

  /** Reads a segment's file. @throws Error when it is missing, cut short, damaged or of another format. */
  static async load(path: string, name: string): Promise<Segment> {
    const file = await open(path, 'r');
    try {
      const stats = await file.stat();
      const origin = { name, identity: identityOf(stats) };
      return await Segment.#make(origin, stats.size, (into) => readAll(file, into));
    } finally {
      await file.close();
    }
  }

  /** A segment from the bytes of a file. */
  static from(bytes: Uint8Array, name: string): Promise<Segment> {
    return Segment.#make({ name, identity: '' }, bytes.length, async (into) =>
      into.set(bytes.subarray(0, into.length)),
    );
  }

  static async #make(origin: SegmentOrigin, size: number, read: (into: Uint8Array) => Promise<void>): Promise<Segment> {
    const head = new Uint8Array(Math.min(size, headBytes));
    await read(head);
    const workspace = workspaceAt(align(size), readFacts(head));
    const memory = createMemory(workspace.end);
    await read(new Uint8Array(memory.buffer, 0, size));
    return new Segment(origin, memory, workspace, await decodeSegment(memory.buffer, 0, size, pause));
  }
}

type SegmentOrigin = { name: string; identity: string };

/** Differs for two files that had one name after each other. */
export function identityOf({ ino, mtimeMs, size }: Pick<Stats, 'ino' | 'mtimeMs' | 'size'>): string {
  return `${ino}/${mtimeMs}/${size}`;
}

const align = (address: number) => Math.ceil(address / alignment) * alignment;

function workspaceAt(start: number, { chunks, width }: SegmentFacts): Workspace {
  let at = start;
  const take = (bytes: number) => {
    const address = at;
    at = align(at + bytes);
    return address;
  };
  return {
    query: take(width * 2),
    tables: take(width * 4),
    histogram: take(roughScoreCount(width) * 4),
    mask: take(chunks),
    scores: take(Math.ceil(chunks / signBlock) * signBlock * 2),
    list: take(chunks * 4),
    products: take(chunks * 4),
    end: at,
  };
}

async function readAll(file: Awaited<ReturnType<typeof open>>, into: Uint8Array): Promise<void> {
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await file.read(into, at, into.length - at, at);
    if (bytesRead === 0) throw new Error('a segment file is cut short');
    at += bytesRead;
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function textAt(bytes: Buffer, starts: Uint32Array, index: number): string {
  return bytes.toString('utf8', starts[index] as number, starts[index + 1] as number);
}

function textsOf(bytes: Buffer, starts: Uint32Array): string[] {
  return Array.from({ length: starts.length - 1 }, (_, index) => textAt(bytes, starts, index));
}

/**
 * Decides how a segment is laid out in bytes, the same in its file and in memory: a header that names the sections, then
 * the sections, each an array of numbers at a multiple of 16. Little-endian, as all machines that run this are.
 */
import { crc32 } from 'node:zlib';
import { z } from 'zod';

/** Another number means: unreadable, made again from the tables. */
export const segmentFormat = 2;
/** Chunks are numbered in 16 bits within a segment. Half of what fits: making one of 65,536 took 40 MB more. */
export const maxSegmentChunks = 32_768;
const magic = 'CODESEG1';
const alignment = 16;
/** Magic, length of the header's JSON, checksum of JSON, checksum of sections. */
const prefixBytes = 8 + 4 + 4 + 4;

/** Sections and the arrays they are. `chunk*`: one entry a chunk; `file*`: one a file; `term*`: one a term. */
export const sectionTypes = {
  /** For a rough look at the vectors, as quantize.ts says: one bit a dimension, a scale a row, and the mean of all. */
  signs: Uint8Array,
  signScales: Int16Array,
  center: Float32Array,
  /** Rows of `width` bytes; times the scale the components of the vector. */
  vectors: Int8Array,
  scales: Float32Array,
  chunkFile: Uint32Array,
  chunkStartLine: Int32Array,
  chunkEndLine: Int32Array,
  /** Words, repeated ones included. */
  chunkLength: Uint16Array,
  /** Row address in the table: fragment and offset. */
  chunkFragment: Uint32Array,
  chunkOffset: Uint32Array,
  definitionStarts: Uint32Array,
  definitionBytes: Uint8Array,
  kindStarts: Uint32Array,
  kindBytes: Uint8Array,
  filePathStarts: Uint32Array,
  filePathBytes: Uint8Array,
  fileLanguage: Uint16Array,
  /** With `fileReadAt` what tells a file's state from every other: the first 32 bits of its hash, and when it was read. */
  fileHash: Uint32Array,
  fileReadAt: Float64Array,
  fileChunks: Uint32Array,
  termStarts: Uint32Array,
  termBytes: Uint8Array,
  /** Open addressing by hash; term + 1, or 0. The length is a power of two. */
  termSlots: Uint32Array,
  /** First posting of each term, and one more. */
  postingStarts: Uint32Array,
  postingChunks: Uint16Array,
  postingCounts: Uint8Array,
  /** Most occurrences in one chunk, and words of the shortest chunk: a bound of the term's score. */
  termMostCount: Uint8Array,
  termLeastLength: Uint16Array,
} as const;

type SectionName = keyof typeof sectionTypes;
export type Sections = { [Name in SectionName]: InstanceType<(typeof sectionTypes)[Name]> };
const sectionNames = Object.keys(sectionTypes) as SectionName[];

/** What a segment is, beside its arrays. `totalLength` is the words of all chunks. */
export type SegmentFacts = {
  chunks: number;
  dimensions: number;
  /** Bytes of a vector: the dimensions, up to a multiple of 64. */
  width: number;
  totalLength: number;
  languages: string[];
};
export type SegmentData = { facts: SegmentFacts; sections: Sections };

const headerSchema = z.object({
  format: z.literal(segmentFormat),
  facts: z.object({
    chunks: z.number().int().min(0).max(maxSegmentChunks),
    dimensions: z.number().int().min(0),
    width: z.number().int().min(0),
    totalLength: z.number().min(0),
    languages: z.array(z.string()),
  }),
  /** Entries of each section, in the order of `sectionTypes`. */
  lengths: z.array(z.number().int().min(0)),
});
type Header = z.infer<typeof headerSchema>;

const aligned = (bytes: number) => Math.ceil(bytes / alignment) * alignment;

function layout(header: Header, bodyAt: number): { name: SectionName; at: number; length: number }[] {
  let at = bodyAt;
  return sectionNames.map((name, i) => {
    const length = header.lengths[i] ?? 0;
    const place = { name, at, length };
    at = aligned(at + length * sectionTypes[name].BYTES_PER_ELEMENT);
    return place;
  });
}

/** The bytes of a segment's file, in parts that follow each other; the large ones are the sections themselves, not copies. */
export function encodeSegment({ facts, sections }: SegmentData): Uint8Array[] {
  const header: Header = { format: segmentFormat, facts, lengths: sectionNames.map((name) => sections[name].length) };
  const json = Buffer.from(JSON.stringify(header));
  const head = new Uint8Array(aligned(prefixBytes + json.length));
  const body = sectionNames.flatMap((name) => {
    const { buffer, byteOffset, byteLength } = sections[name];
    const padding = new Uint8Array(aligned(byteLength) - byteLength);
    return [new Uint8Array(buffer, byteOffset, byteLength), padding].filter((part) => part.length > 0);
  });
  head.set(Buffer.from(magic), 0);
  head.set(json, prefixBytes);
  const view = new DataView(head.buffer);
  view.setUint32(8, json.length, true);
  view.setUint32(12, crc32(json), true);
  view.setUint32(
    16,
    body.reduce((sum, part) => crc32(part, sum), 0),
    true,
  );
  return [head, ...body];
}

/** Bytes checksummed at once: about a millisecond's work, so that requests are answered in between. */
const checkedAtOnce = 4 << 20;

/**
 * Reads a segment that lies in `buffer` from `offset` on; its arrays are views. Yields between parts of the checksum.
 * @throws Error when the bytes are not a whole segment of this format.
 */
export async function decodeSegment(
  buffer: ArrayBuffer,
  offset: number,
  length: number,
  pause: () => Promise<void>,
): Promise<SegmentData> {
  const bytes = new Uint8Array(buffer, offset, length);
  const header = readHeader(bytes);
  const bodyAt = aligned(prefixBytes + new DataView(buffer, offset).getUint32(8, true));
  const places = layout(header, bodyAt);
  const last = places.at(-1);
  if (last !== undefined && last.at + last.length * sectionTypes[last.name].BYTES_PER_ELEMENT > length) {
    throw new Error('a segment file is cut short');
  }
  let sum = 0;
  for (let at = bodyAt; at < length; at += checkedAtOnce) {
    sum = crc32(bytes.subarray(at, at + checkedAtOnce), sum);
    await pause();
  }
  if (sum !== new DataView(buffer, offset).getUint32(16, true)) throw new Error('a segment file has a wrong checksum');
  const sections = Object.fromEntries(
    places.map(({ name, at, length: entries }) => [name, new sectionTypes[name](buffer, offset + at, entries)]),
  ) as Sections;
  return { facts: header.facts, sections };
}

/** What a segment is, from the first bytes of its file. @throws Error when they are not a header of this format. */
export function readFacts(head: Uint8Array): SegmentFacts {
  return readHeader(head).facts;
}

function readHeader(bytes: Uint8Array): Header {
  if (bytes.length < prefixBytes || Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== magic) {
    throw new Error('a segment file has no header of this format');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const json = bytes.subarray(prefixBytes, prefixBytes + view.getUint32(8, true));
  if (crc32(json) !== view.getUint32(12, true)) throw new Error('a segment file has a damaged header');
  return headerSchema.parse(JSON.parse(Buffer.from(json).toString()));
}

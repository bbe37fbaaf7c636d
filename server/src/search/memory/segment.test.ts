import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { Segment } from './segment.ts';
import { SegmentBuilder } from './segment-builder.ts';
import { listSegments, writeSegment } from './segment-files.ts';
import { decodeSegment, encodeSegment, type SegmentData, segmentFormat } from './segment-format.ts';
import { findTerm } from './terms.ts';
import { built, madeSegment, madeUpChunks, newDirectory } from './testing/make-segment.ts';
import { seeded, whole } from './testing/random.ts';

const encoder = new TextEncoder();
const noPause = async () => {};

/** Words and how often each chunk has them, read back from a segment. */
function countsOf({ sections, facts }: Pick<SegmentData, 'sections' | 'facts'>, text: readonly string[]) {
  const counts = Array.from({ length: facts.chunks }, () => new Map<string, number>());
  for (const word of text) {
    const term = findTerm(encoder.encode(word), sections);
    if (term === -1) continue;
    for (let i = sections.postingStarts[term] as number; i < (sections.postingStarts[term + 1] as number); i++) {
      counts[sections.postingChunks[i] as number]?.set(word, sections.postingCounts[i] as number);
    }
  }
  return counts;
}

function expectedCounts(texts: readonly string[]) {
  return texts.map((text) => {
    const counts = new Map<string, number>();
    for (const word of text.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1);
    return counts;
  });
}

test.each([1, 2, 3])(
  'a segment has every word of every chunk, as often as the chunk has it (seed %i)',
  async (seed) => {
    const { rows, texts } = madeUpChunks(seed, 300);
    const vocabulary = [...new Set(texts.flatMap((text) => text.split(' ')))];
    const segment = await madeSegment(rows);
    expect(countsOf(segment, vocabulary)).toEqual(expectedCounts(texts));
    expect([...segment.sections.chunkLength]).toEqual(texts.map((text) => text.split(' ').length));
    expect(findTerm(encoder.encode('unheard'), segment.sections)).toBe(-1);
  },
);

test('a segment tells of each chunk where it is and what it defines', async () => {
  const { rows } = madeUpChunks(8, 40);
  const segment = await madeSegment(rows);
  for (const [chunk, row] of rows.entries()) {
    const file = segment.sections.chunkFile[chunk] as number;
    expect({
      path: segment.paths[file],
      language: segment.language(file),
      rowId: segment.rowId(chunk),
      definitions: segment.definitions(chunk),
      kinds: segment.kinds(chunk).join(' '),
      startLine: segment.sections.chunkStartLine[chunk],
      endLine: segment.sections.chunkEndLine[chunk],
    }).toEqual({
      path: row.path,
      language: row.language,
      rowId: row.rowId,
      definitions: row.definitions,
      kinds: row.kinds,
      startLine: row.startLine,
      endLine: row.endLine,
    });
  }
});

test('a merged segment equals one built from the live chunks alone', async () => {
  const random = seeded(4);
  const parts = [11, 12, 13].map((seed) => madeUpChunks(seed, 200));
  const merged = new SegmentBuilder(64);
  const alone = new SegmentBuilder(64);
  for (const { rows } of parts) {
    const dead = new Set(rows.filter(() => random() < 0.2).map(({ path }) => path));
    const live = Uint8Array.from(rows, ({ path }) => (dead.has(path) ? 0 : 1));
    merged.addSegment(built(rows).finish(), live);
    for (const row of rows) if (!dead.has(row.path)) alone.add(row, { hash: row.path.length, readAt: 1000.25 });
  }
  const [a, b] = [merged.finish(), alone.finish()];
  expect({ ...a.facts, languages: [...a.facts.languages].sort() }).toEqual({
    ...b.facts,
    languages: [...b.facts.languages].sort(),
  });
  const vocabulary = [...new Set(parts.flatMap(({ texts }) => texts).flatMap((text) => text.split(' ')))];
  expect(countsOf(a, vocabulary)).toEqual(countsOf(b, vocabulary));
  for (const name of [
    'vectors',
    'scales',
    'signs',
    'signScales',
    'center',
    'chunkFile',
    'fileChunks',
    'filePathBytes',
    'chunkOffset',
  ] as const) {
    expect(a.sections[name], name).toEqual(b.sections[name]);
  }
});

test('an empty segment can be written and read', async () => {
  const segment = await madeSegment([]);
  expect(segment.facts.chunks).toBe(0);
});

test('what was encoded is what is decoded', async () => {
  const data = built(madeUpChunks(21, 120).rows).finish();
  const bytes = new Uint8Array(Buffer.concat(encodeSegment(data)));
  const decoded = await decodeSegment(bytes.buffer, 0, bytes.length, noPause);
  expect(decoded).toEqual(data);
});

test('a segment file of which any byte is changed, or the end is missing, is refused', async () => {
  const bytes = new Uint8Array(Buffer.concat(encodeSegment(built(madeUpChunks(22, 30).rows).finish())));
  const random = seeded(6);
  const decode = (damaged: Uint8Array) => decodeSegment(damaged.slice().buffer, 0, damaged.length, noPause);
  for (let round = 0; round < 60; round++) {
    const damaged = bytes.slice();
    // The padding after the header is nobody's data; the prefix and all else is checked.
    const at = round < 20 ? round : whole(random, bytes.length);
    const isPadding = bytes[at] === 0 && at > 20 && at < 2048;
    if (isPadding) continue;
    damaged[at] = (damaged[at] as number) ^ 0x5a;
    await expect(decode(damaged)).rejects.toThrow();
  }
  for (const length of [0, 5, 19, 100, bytes.length - 16])
    await expect(decode(bytes.slice(0, length))).rejects.toThrow();
});

test('a file of another format is refused, so that it is made again from the tables', async () => {
  const bytes = new Uint8Array(Buffer.concat(encodeSegment(built(madeUpChunks(25, 30).rows).finish())));
  const view = new DataView(bytes.buffer);
  const json = bytes.subarray(20, 20 + view.getUint32(8, true));
  const other = Buffer.from(json)
    .toString()
    .replace(`"format":${segmentFormat}`, `"format":${segmentFormat - 1}`);
  json.set(Buffer.from(other));
  view.setUint32(12, crc32(json), true);
  await expect(decodeSegment(bytes.buffer, 0, bytes.length, noPause)).rejects.toThrow(/format/);
});

test('a damaged or shortened file cannot be loaded', async () => {
  const directory = await newDirectory();
  const name = await writeSegment(directory, encodeSegment(built(madeUpChunks(23, 50).rows).finish()));
  const path = join(directory, name);
  const bytes = await readFile(path);
  bytes[bytes.length - 20] = (bytes[bytes.length - 20] as number) ^ 1;
  await writeFile(path, bytes);
  await expect(Segment.load(path, name)).rejects.toThrow(/checksum/);
  await truncate(path, 40);
  await expect(Segment.load(path, name)).rejects.toThrow();
  await truncate(path, 0);
  await expect(Segment.load(path, name)).rejects.toThrow();
});

test('segments are numbered on, and what an interrupted write left is deleted', async () => {
  const directory = await newDirectory();
  const data = encodeSegment(built(madeUpChunks(24, 5).rows).finish());
  expect(await writeSegment(directory, data)).toBe('1.segment');
  await writeFile(join(directory, '2.segment.part'), 'half');
  expect(await writeSegment(directory, data)).toBe('2.segment');
  for (let i = 3; i <= 11; i++) await writeSegment(directory, data);
  expect((await listSegments(directory)).slice(0, 3)).toEqual(['11.segment', '10.segment', '9.segment']);
});

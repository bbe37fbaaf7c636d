/** Decides whether texts read out of packs are those of the chunks, to the letter. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chunkFile } from '../chunking/chunker.ts';
import { emptySyntax } from '../syntax/types.ts';
import { Passages } from './passages.ts';
import { TextSet } from './published-texts.ts';
import { PackWriter } from './text-pack.ts';

const limit = 120;
const lines = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join('');

async function packed(texts: Record<string, string>) {
  const directory = await mkdtemp(join(tmpdir(), 'codesage-passages-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  let packs = 0;
  const writer = new PackWriter(directory, () => `shop/${++packs}`);
  for (const [path, text] of Object.entries(texts)) await writer.add(path, path, Buffer.from(text));
  await writer.flush();
  const current = new Map(writer.packs.flatMap((pack) => pack.texts.map((text) => [text.path, text] as const)));
  return { directory, set: new TextSet('v1', writer.packs, current) };
}

const chunksOf = (path: string, text: string) =>
  chunkFile(text, limit, emptySyntax('text')).map((chunk) => ({ path, ...chunk }));

const texts = {
  'plain.txt': lines(300, (i) => `line ${i} of a text${i % 9 === 0 ? '\n\n' : '\n'}`),
  'open end.txt': lines(70, (i) => `${i === 0 ? '' : '\n'}  indented ${i}`),
  'windows.txt': lines(100, (i) => `line ${i} ends as on Windows  \r\n`),
  'other letters.txt': lines(100, (i) => `žluťoučký kůň 🐎 ${i}\n`),
  'bundle.txt': `first\n${'x'.repeat(1000)}\nlast\n${' '.repeat(300)}y\n`,
};

test('a text is the chunk to the letter, or the table is asked', async () => {
  const { directory, set } = await packed(texts);
  const passages = new Passages();
  onTestFinished(() => passages.close());
  for (const [path, text] of Object.entries(texts)) {
    const chunks = chunksOf(path, text);
    const found = await passages.read(set, directory, chunks, limit);
    const wrong = chunks.filter((chunk, i) => found[i] !== undefined && found[i] !== chunk.text);
    expect(wrong).toEqual([]);
    if (path !== 'bundle.txt') expect(found.filter((one) => one === undefined)).toEqual([]);
  }
});

test('a piece of a line is only in the table', async () => {
  const { directory, set } = await packed(texts);
  const passages = new Passages();
  onTestFinished(() => passages.close());
  const pieces = chunksOf('bundle.txt', texts['bundle.txt']).filter(({ text }) => text.startsWith('xx'));
  expect(pieces.length).toBeGreaterThan(5);
  expect(new Set(await passages.read(set, directory, pieces, limit))).toEqual(new Set([undefined]));
});

test('a pack that somebody deleted has no texts, and neither has an unknown path', async () => {
  const { directory, set } = await packed(texts);
  await rm(join(directory, 'shop'), { recursive: true });
  const passages = new Passages();
  onTestFinished(() => passages.close());
  const places = [
    { path: 'plain.txt', startLine: 1, endLine: 3 },
    { path: 'nowhere.txt', startLine: 1, endLine: 1 },
  ];
  expect(await passages.read(set, directory, places, limit)).toEqual([undefined, undefined]);
});

/** Decides how texts are read out of a published version: as bytes, a few files at a time. */
import type { Table } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';
import { sqlList, sqlText } from '../index/lance.ts';
import type { Snapshot } from '../index/snapshot.ts';
import type { PublishedText, TextSource } from './published-texts.ts';

/** Files in memory at once, each at most as large as the source allows. */
const rowsAtOnce = 64;
const pathsAsked = 200;
const isIndexed = "skipped = ''";

/** A snapshot as exact search reads it. Only while the snapshot is in use. */
export function textsOfSnapshot(snapshot: Snapshot): TextSource {
  const { filesTable, version } = snapshot;
  return {
    version,
    hashes: async () => {
      const hashes = new Map<string, string>();
      for await (const batch of rows(filesTable, isIndexed, ['path', 'hash'], 8192)) {
        const [path, hash] = [batch.getChild('path'), batch.getChild('hash')];
        for (let i = 0; i < batch.numRows; i++) hashes.set(String(path?.get(i)), String(hash?.get(i)));
      }
      return hashes;
    },
    texts: async function* (paths) {
      for (const where of conditions(paths)) {
        for await (const batch of rows(filesTable, where, ['path', 'hash', 'text'], rowsAtOnce)) yield textsIn(batch);
      }
    },
  };
}

function conditions(paths: readonly string[] | undefined): string[] {
  if (paths === undefined) return [isIndexed];
  const groups: string[] = [];
  for (let at = 0; at < paths.length; at += pathsAsked)
    groups.push(`${isIndexed} AND path IN ${sqlList(paths.slice(at, at + pathsAsked))}`);
  return groups;
}

/** The number of rows a batch is a setting that the library's types hide. */
type Executes = { execute(options: { maxBatchLength: number }): AsyncIterable<RecordBatch> };

function rows(table: Table, where: string, columns: string[], atOnce: number): AsyncIterable<RecordBatch> {
  const query = table.query().where(where).select(columns) as unknown as Executes;
  return query.execute({ maxBatchLength: atOnce });
}

function textsIn(batch: RecordBatch): PublishedText[] {
  const [path, hash, text] = ['path', 'hash', 'text'].map((name) => batch.getChild(name));
  return Array.from({ length: batch.numRows }, (_, i) => ({
    path: String(path?.get(i)),
    hash: String(hash?.get(i)),
    content: utf8At(text?.data[0], i),
  }));
}

/** The bytes of a string, without making a string of them. */
function utf8At(
  data: { valueOffsets: ArrayLike<number | bigint>; values: Uint8Array } | undefined,
  row: number,
): Buffer {
  if (data === undefined) return Buffer.alloc(0);
  const start = Number(data.valueOffsets[row]);
  const bytes = data.values.subarray(start, Number(data.valueOffsets[row + 1]));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What is published of one file; undefined when it is not indexed. */
export async function readPublishedFile(
  { filesTable, files }: Snapshot,
  path: string,
): Promise<{ text: string; language: string; lines: number; sizeBytes: number } | undefined> {
  const known = files.get(path);
  if (known === undefined) return undefined;
  const where = `${isIndexed} AND path = ${sqlText(path)}`;
  for await (const batch of rows(filesTable, where, ['path', 'hash', 'text'], 1)) {
    const [file] = textsIn(batch);
    if (file !== undefined) {
      const { language, lines, sizeBytes } = known;
      return { text: file.content.toString('utf8'), language, lines, sizeBytes };
    }
  }
  return undefined;
}

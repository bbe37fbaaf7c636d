import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { embed } from '../../../server/src/embedding/embedder.ts';
import { createStaticEmbedder } from '../../../server/src/embedding/static-embedder.ts';
import { loadStaticModel } from '../../../server/src/embedding/static-model.ts';
import { openGeneration } from '../../../server/src/index/generation.ts';
import { createVectorIndex, createWordIndex, indexedColumns } from '../../../server/src/index/lance.ts';
import { openSnapshot } from '../../../server/src/index/snapshot.ts';
import { candidatesFor, type FileSelection } from '../../../server/src/search/candidates.ts';
import { MemoryShare } from '../../../server/src/search/memory/share.ts';
import type { Candidate } from '../../../server/src/search/rank.ts';
import { weights } from '../../../server/src/search/weights.ts';
import { Cleanups, makeEngine, paths, settled, writeTree } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

const topics = ['payment', 'basket', 'weather', 'invoice', 'parser', 'socket', 'matrix', 'cache'];
const verbs = ['retry', 'open', 'count', 'merge', 'sort', 'close', 'send', 'read'];

/** Small files with words in many combinations. */
function manyFiles(count: number): Record<string, string> {
  const file = (i: number) => {
    const [topic, verb] = [topics[i % 8] as string, verbs[Math.floor(i / 8) % 8] as string];
    const lines = Array.from({ length: 1 + (i % 7) }, (_, n) => `  ${verb}(${topic}, ${topics[(i + n * 3) % 8]}${n});`);
    return `// ${verb} the ${topic} number ${i}\nexport function ${verb}${topic}${i}() {\n${lines.join('\n')}\n}\n`;
  };
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`src/d${i % 5}/f${i}.ts`, file(i)]));
}

async function indexed(files: Record<string, string>) {
  const root = cleanups.directory();
  const dataDir = cleanups.directory();
  writeTree(root, files);
  const start = async () => {
    const { engine, logs } = makeEngine(cleanups, dataDir, { sources: [{ name: 'shop', path: root }] });
    await engine.start();
    expect(await settled(engine)).toMatchObject({ state: 'Ready' });
    return { engine, logs };
  };
  const generation = join(dataDir, 'index', 'shop', 'g1');
  return { root, start, generation, segments: join(generation, 'segments') };
}

describe('a codebase that fits into memory', () => {
  test("[search.in-memory] is searched there, without LanceDB's indexes, and tells what that takes", async () => {
    const { start, generation, segments } = await indexed(manyFiles(30));
    const { engine } = await start();
    expect((await paths(engine, 'retrypayment0'))[0]).toBe('src/d0/f0.ts');
    expect(readdirSync(segments)).toEqual(['1.segment']);
    expect(existsSync(join(generation, 'chunks.lance', '_indices'))).toBe(false);
    expect((await engine.status()).index.memoryBytes).toBeGreaterThan(30 * 256);
  });

  test.each([
    { what: 'kept', change: () => {}, made: 0 },
    { what: 'deleted', change: (segments: string) => rmSync(segments, { recursive: true }), made: 1 },
    {
      what: 'damaged',
      change: (segments: string) => {
        const file = join(segments, readdirSync(segments)[0] as string);
        const bytes = readFileSync(file);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0xff;
        writeFileSync(file, bytes);
      },
      made: 1,
    },
  ])('[search.in-memory] answers the same after a restart with its segments $what', async ({ change, made }) => {
    const { start, segments } = await indexed(manyFiles(30));
    const first = await start();
    const before = await paths(first.engine, 'count the weather');
    await first.engine.stop();
    const kept = readFileSync(join(segments, '1.segment'));
    change(segments);
    const second = await start();
    expect(await paths(second.engine, 'count the weather')).toEqual(before);
    expect((await second.engine.status()).embeddedChunks).toBe(0);
    expect(readFileSync(join(segments, readdirSync(segments)[0] as string)).equals(kept)).toBe(true);
    const warnings = second.logs.filter(({ message }) => message === 'A segment of the index is made again');
    expect(warnings).toHaveLength(made === 1 && warnings.length > 0 ? 1 : 0);
  });

  test('[search.in-memory] shows a changed, a new and a deleted file as soon as the run ends', async () => {
    const { root, start } = await indexed(manyFiles(30));
    const { engine } = await start();
    writeTree(root, {
      'src/d0/f0.ts': '// nothing of this was here\nexport const zebra = 1;\n',
      'src/new.ts': '// giraffe\n',
    });
    rmSync(join(root, 'src/d1/f1.ts'));
    await engine.indexCodebase('shop', { full: false });
    expect((await paths(engine, 'zebra'))[0]).toBe('src/d0/f0.ts');
    expect((await paths(engine, 'giraffe'))[0]).toBe('src/new.ts');
    expect(await paths(engine, 'retrypayment0')).not.toContain('src/d1/f1.ts');
    expect(await paths(engine, 'retrybasket1')).not.toContain('src/d1/f1.ts');
  });
});

describe("memory and LanceDB's indexes", () => {
  const all: FileSelection = { sql: undefined, accepts: () => true, narrow: false };

  const sorted = (candidates: readonly Candidate[], key: 'bm25' | 'similarity') =>
    candidates.flatMap((candidate) => candidate[key] ?? []).sort((a, b) => b - a);

  /** Bytes instead of floats cost a similarity less than a hundredth. */
  const expectClose = (ours: readonly number[], theirs: readonly number[]) => {
    expect(ours.length).toBe(theirs.length);
    for (const [i, value] of ours.entries()) expect(Math.abs(value - (theirs[i] ?? 0))).toBeLessThan(0.01);
  };

  test('[search.in-memory] find the same chunks with the same scores', async () => {
    const { start, generation } = await indexed(manyFiles(300));
    await (await start()).engine.stop();
    const opened = await openGeneration(join(generation, '..'), 1);
    if (opened?.meta.publication === undefined) throw new Error('nothing was published');
    const { publication } = opened.meta;
    const log = pino({ level: 'silent' });
    const inMemory = await openSnapshot('shop', opened, publication, {
      share: new MemoryShare(2048),
      previous: undefined,
      log,
    });
    await createWordIndex(opened.chunks);
    await createVectorIndex(opened.chunks, publication.chunks);
    expect((await indexedColumns(opened.chunks)).size).toBe(2);
    const chunksVersion = await opened.chunks.version();
    const tooSmall = { share: new MemoryShare(0), previous: undefined, log };
    const inTables = await openSnapshot('shop', opened, { ...publication, chunksVersion }, tooSmall);
    expect(inMemory.memory?.chunks).toBe(publication.chunks);
    expect(inTables.memory).toBeUndefined();

    const embedder = createStaticEmbedder(loadStaticModel());
    for (const query of ['retry payment', 'the weather number', 'cache1 socket', 'sort']) {
      const terms = query.split(' ').map((word) => ({ word, weight: 1 }));
      const ask = { terms, vector: embed(embedder, query), selection: all, limit: weights.candidates };
      const [memory, tables] = await Promise.all([candidatesFor(inMemory, ask), candidatesFor(inTables, ask)]);
      expect(sorted(memory, 'bm25').length).toBeGreaterThan(20);
      for (const key of ['bm25', 'similarity'] as const) expectClose(sorted(memory, key), sorted(tables, key));
      const byRow = new Map(tables.map((candidate) => [candidate.rowId, candidate]));
      const both = memory.filter(({ rowId }) => byRow.has(rowId));
      expect(both.length).toBeGreaterThan(50);
      for (const { rowId, path, startLine, bm25, similarity } of both) {
        const other = byRow.get(rowId);
        expect(other).toMatchObject({ path, startLine });
        // Chunks with equal scores may be on different sides of the limit.
        if (bm25 !== undefined && other?.bm25 !== undefined) expect(bm25).toBeCloseTo(other.bm25, 3);
        if (similarity !== undefined && other?.similarity !== undefined) expectClose([similarity], [other.similarity]);
      }
    }
    await Promise.all([inMemory.retire(), inTables.retire()]);
  });
});

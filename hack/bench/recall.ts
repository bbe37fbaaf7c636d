/** Decides how much of the exact answer the vector search misses, by whatever means a server of this size would use. */
import { join } from 'node:path';
import pino from 'pino';
import { serverConfigSchema } from '../../server/src/contract.ts';
import { embed } from '../../server/src/embedding/embedder.ts';
import { createStaticEmbedder } from '../../server/src/embedding/static-embedder.ts';
import { loadStaticModel } from '../../server/src/embedding/static-model.ts';
import { listGenerations, openGeneration } from '../../server/src/index/generation.ts';
import { openSnapshot, type Snapshot } from '../../server/src/index/snapshot.ts';
import { candidatesFor, type FileSelection } from '../../server/src/search/candidates.ts';
import { MemoryShare } from '../../server/src/search/memory/share.ts';
import { codebase } from './engine-run.ts';

const recallOf = 50;
const allFiles: FileSelection = { sql: undefined, accepts: () => true, narrow: false };

/** The published version of a stopped engine's index, opened as its searches open it. */
async function openPublished(dataDir: string): Promise<Snapshot> {
  const directory = join(dataDir, 'index', codebase);
  const [number = 1] = await listGenerations(directory);
  const generation = await openGeneration(directory, number);
  if (generation?.meta.publication === undefined) throw new Error(`nothing is published in ${directory}`);
  return openSnapshot(codebase, generation, generation.meta.publication, {
    share: new MemoryShare(serverConfigSchema.parse({}).memory.maxMB),
    previous: undefined,
    log: pino({ level: 'silent' }),
  });
}

/** The share of the true nearest 50 chunks, by a scan of all vectors, that are among the 50 candidates; the mean. */
export async function vectorRecall(dataDir: string, questions: readonly string[]): Promise<number> {
  const snapshot = await openPublished(dataDir);
  const embedder = createStaticEmbedder(loadStaticModel());
  let found = 0;
  for (const question of questions) {
    const vector = embed(embedder, question);
    const scan = snapshot.chunksTable.query().nearestTo(vector).distanceType('cosine').bypassVectorIndex();
    const exact = await scan.select(['_distance']).withRowId().limit(recallOf).toArray();
    const ours = await candidatesFor(snapshot, { terms: [], vector, selection: allFiles, limit: recallOf });
    const ids = new Set(ours.map(({ rowId }) => rowId));
    found += exact.filter((row) => ids.has(BigInt(row._rowid))).length / Math.max(1, exact.length);
  }
  await snapshot.retire();
  return found / questions.length;
}

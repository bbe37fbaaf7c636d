/** Decides how fast chunks and queries get their vectors, from the built-in model and from a transformer: `node hack/bench/embedding.ts [DIRECTORY]`. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EmbeddingSettings, embeddingSchema } from '../../server/src/contract.ts';
import { documentText } from '../../server/src/embedding/embedder.ts';
import { type Embedding, loadEmbedding } from '../../server/src/embedding/embedding.ts';
import { PortClient } from '../../server/src/embedding/port-client.ts';
import { createStaticEmbedder } from '../../server/src/embedding/static-embedder.ts';
import { loadStaticModel } from '../../server/src/embedding/static-model.ts';
import { minilmFolder } from './contenders/minilm.ts';
import { runBenchmark } from './engine-run.ts';
import { type Figures, percentile } from './report.ts';

/** About what the chunker makes of code. */
const charactersAChunk = 1300;
const builtinChunks = 10_000;
const minilmChunks = 96;
/** As an indexing thread asks. */
const rowsAtOnce = 32;
const question = 'where is the configuration file read and checked';
const questions = 40;

/** Pieces of the tree's sources, as they are embedded. */
function chunksOf(root: string, wanted: number): string[] {
  const chunks: string[] = [];
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\.(go|ts|py|md|yaml)$/.test(path) || statSync(path).size > 1 << 20) continue;
    const text = readFileSync(path, 'utf8');
    for (let at = 0; at < text.length; at += charactersAChunk)
      chunks.push(documentText(relative(root, path), text.slice(at, at + charactersAChunk)));
    if (chunks.length >= wanted) break;
  }
  return chunks.slice(0, wanted);
}

/** Chunks a second of one core's own time, which other load lengthens less than the clock's; the median of three. */
function builtinSpeed(chunks: readonly string[]): number {
  const embedder = createStaticEmbedder(loadStaticModel());
  const out = new Float32Array(embedder.dimensions);
  const speeds = [0, 1, 2].map(() => {
    const before = process.threadCpuUsage();
    for (const chunk of chunks) embedder.embedInto(chunk, out, 0);
    const { user, system } = process.threadCpuUsage(before);
    return (chunks.length / (user + system)) * 1e6;
  });
  return percentile(speeds, 0.5);
}

async function load(settings: Partial<EmbeddingSettings>): Promise<Embedding> {
  const parsed = embeddingSchema.parse(settings);
  const embedding = await loadEmbedding({ settings: parsed, modelsDirectory: '/nowhere', clock: Date.now });
  if (embedding.problem !== undefined) throw new Error(embedding.problem.message);
  return embedding;
}

/** Milliseconds of one question after the other, `isEnough` deciding after how many. */
async function queryTimes(embedding: Embedding, isEnough: (asked: number) => boolean): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; !isEnough(i); i++) {
    const startedAt = performance.now();
    await embedding.embedQuery(`${question} ${i}`);
    times.push(performance.now() - startedAt);
  }
  return times;
}

const rssMb = () => process.memoryUsage.rss() / 1024 / 1024;

async function minilmFigures(chunks: readonly string[]): Promise<Figures> {
  const modelDirectory = await minilmFolder();
  const before = rssMb();
  const startedAt = performance.now();
  const embedding = await load({ provider: 'transformers', modelDirectory });
  const loadSeconds = (performance.now() - startedAt) / 1000;
  const idle = await queryTimes(embedding, (asked) => asked >= questions);
  const port = await embedding.connect?.();
  if (port === undefined) throw new Error('there is no port to the model');
  const client = new PortClient(port);
  const indexingAt = performance.now();
  for (let at = 0; at < chunks.length; at += rowsAtOnce)
    await client.embed('document', chunks.slice(at, at + rowsAtOnce));
  const speed = (chunks.length / (performance.now() - indexingAt)) * 1000;
  let done = false;
  const more = client.embed('document', chunks.slice(0, 2 * rowsAtOnce)).finally(() => {
    done = true;
  });
  const busy = await queryTimes(embedding, (asked) => done || asked >= 4 * questions);
  await more;
  const rss = rssMb() - before;
  client.close();
  await embedding.close();
  return {
    'embedding.minilm_load_seconds': loadSeconds,
    'embedding.minilm_chunks_per_second': speed,
    'embedding.minilm_query_p50_ms': percentile(idle, 0.5),
    'embedding.minilm_query_busy_p95_ms': percentile(busy, 0.95),
    'embedding.minilm_rss_mb': rss,
  };
}

async function measure(root: string): Promise<Figures> {
  const chunks = chunksOf(root, builtinChunks);
  const builtin = await load({});
  const times = await queryTimes(builtin, (asked) => asked >= 2 * questions);
  return {
    'embedding.chunks': chunks.length,
    'embedding.builtin_chunks_per_second': builtinSpeed(chunks),
    'embedding.builtin_query_p50_ms': percentile(times, 0.5),
    ...(await minilmFigures(chunks.filter((_, i) => i % Math.ceil(chunks.length / minilmChunks) === 0))),
  };
}

await runBenchmark('embedding', fileURLToPath(import.meta.url), measure);

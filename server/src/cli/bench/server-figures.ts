/** Decides what a benchmark reads of the server itself: its memory, its cache counters, and how fast it indexed. */
import { z } from 'zod';
import { type AdminStatus, adminStatusSchema, endpoints, metricNames } from '../../contract.ts';
import { CodeSageError, messageOf } from '../../errors.ts';
import type { BenchFigures } from './targets.ts';

const megabyte = 1024 * 1024;
const counts = z.object({ search: z.number(), file: z.number() });
const cacheAnswer = z.object({ statistics: z.object({ hits: counts, misses: counts }) });

export type CacheCounts = { hits: number; misses: number };

/** Lookups of searches and files so far, from the answer of get_cache_statistics. */
export function cacheCounts(answer: unknown): CacheCounts {
  const { hits, misses } = cacheAnswer.parse(answer).statistics;
  return { hits: hits.search + hits.file, misses: misses.search + misses.file };
}

/** Hits over lookups between two moments; nothing when there was no lookup. */
export function hitRateBetween(before: CacheCounts, after: CacheCounts): Pick<BenchFigures, 'cacheHitRate'> {
  const hits = after.hits - before.hits;
  const lookups = hits + after.misses - before.misses;
  return lookups > 0 ? { cacheHitRate: hits / lookups } : {};
}

/** Values of a metric, one a series. */
export function metricValues(exposition: string, name: string): number[] {
  return exposition.split('\n').flatMap((line) => {
    const [, series, value] = /^([A-Za-z_:][\w:]*)(?:\{.*\})? (\S+)$/.exec(line) ?? [];
    return series === name ? [Number(value)] : [];
  });
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/**
 * Memory; and, of a server that has indexed everything since its start, the most memory. The speed is told only where
 * each codebase had its first run and no other: later ones find little to do, and their seconds would count too.
 */
export function figuresFrom(metrics: string, status: AdminStatus | undefined): BenchFigures {
  const values = (name: string) => metricValues(metrics, name);
  const [resident] = values('process_resident_memory_bytes');
  const [limit] = values(metricNames.memoryLimit);
  const files = values(metricNames.indexFiles);
  const chunks = sum(values(metricNames.indexChunks));
  const hasIndexed = chunks > 0 && sum(values(metricNames.embeddedChunks)) >= chunks;
  const runs = sum(values(`${metricNames.indexDuration}_count`));
  const seconds = sum(values(`${metricNames.indexDuration}_sum`));
  return {
    ...(resident !== undefined && limit !== undefined && { memoryShare: resident / limit }),
    ...(hasIndexed && runs === files.length && seconds > 0 && { indexFilesPerSecond: sum(files) / seconds }),
    ...(hasIndexed && status !== undefined && { indexingPeakMb: status.memory.peakRssBytes / megabyte }),
  };
}

/** Asks the internal port; the admin status only with a token. */
export async function readServer(internalUrl: string, token: string | undefined): Promise<BenchFigures> {
  const metrics = await get(internalUrl, endpoints.metrics, undefined);
  if (token === undefined) return figuresFrom(metrics, undefined);
  const status = adminStatusSchema.parse(JSON.parse(await get(internalUrl, endpoints.adminStatus, token)));
  return figuresFrom(metrics, status);
}

async function get(base: string, path: string, token: string | undefined): Promise<string> {
  const url = new URL(path, base);
  const remedy = 'Correct --internal-url or --token-file, or leave them out.';
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
    if (response.ok) return await response.text();
    throw new CodeSageError('InvalidArgument', `${url} answered ${response.status}.`, remedy);
  } catch (error) {
    if (error instanceof CodeSageError) throw error;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new CodeSageError('Internal', `${url} does not answer: ${messageOf(cause)}.`, remedy, { cause: error });
  }
}

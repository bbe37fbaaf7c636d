/** Decides `codesage cache`: what the caches of a running server hold, and how they are emptied. */
import { z } from 'zod';
import { hitRate } from '../cache/statistics.ts';
import {
  type AdminCache,
  adminCacheRemovedSchema,
  adminCacheSchema,
  cacheNames,
  endpoints,
  environment,
  paths,
  ports,
} from '../contract.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import { type CliDeps, readFileIfThere } from './deps.ts';
import { exitCodes } from './exit-codes.ts';

export type CacheFlags = { url?: string; tokenFile?: string; json?: boolean };
export type CacheClearFlags = CacheFlags & { cache?: string[] };
export type CachePruneFlags = CacheFlags & { olderThan?: string };

/** Prints hits, sizes and advice. */
export async function cacheStatsCommand(flags: CacheFlags, deps: CliDeps): Promise<number> {
  const answer = adminCacheSchema.parse(await call('GET', endpoints.adminCache, flags, deps));
  deps.stdout.write(flags.json === true ? `${JSON.stringify(answer)}\n` : renderStats(answer));
  return exitCodes.ok;
}

function renderStats({ caches, hitRate: overall, persistedBytes, recommendations }: AdminCache): string {
  const columns = [11, 16, 9, 10, 10, 11, 13];
  const row = (cells: readonly unknown[]) =>
    `${cells
      .map((cell, i) => String(cell).padEnd(columns[i] ?? 0))
      .join('')
      .trimEnd()}\n`;
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  return [
    row(['CACHE', 'ENTRIES', 'HIT RATE', 'HITS', 'MISSES', 'EVICTIONS', 'INVALIDATIONS']),
    ...cacheNames.map((name) => {
      const { size, maxSize, hits, misses, evictions, invalidations } = caches[name];
      const rate = percent(hitRate(caches[name]));
      return row([name, `${size}/${maxSize}`, rate, hits, misses, evictions, invalidations]);
    }),
    `All together hit ${percent(overall)}; ${Math.ceil(persistedBytes / 1024)} KiB are saved on disk.\n`,
    ...recommendations.map((advice) => `${advice}\n`),
  ].join('');
}

/** Drops all entries of the caches named, or of all. */
export async function cacheClearCommand(flags: CacheClearFlags, deps: CliDeps): Promise<number> {
  const query = (flags.cache ?? []).map((name) => `cache=${encodeURIComponent(name)}`).join('&');
  return tellRemoved(await call('DELETE', `${endpoints.adminCache}?${query}`, flags, deps), flags, deps);
}

/** Drops old entries. */
export async function cachePruneCommand(flags: CachePruneFlags, deps: CliDeps): Promise<number> {
  const body = flags.olderThan === undefined ? {} : { olderThanSeconds: parseAge(flags.olderThan) };
  return tellRemoved(await call('POST', endpoints.adminCachePrune, flags, deps, body), flags, deps);
}

function tellRemoved(answer: unknown, flags: CacheFlags, deps: CliDeps): number {
  const { removed } = adminCacheRemovedSchema.parse(answer);
  const counts = cacheNames.map((name) => `${removed[name]} of the ${name} cache`).join(', ');
  deps.stdout.write(flags.json === true ? `${JSON.stringify({ removed })}\n` : `Entries removed: ${counts}.\n`);
  return exitCodes.ok;
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of an age as people write it: `90s`, `30m`, `12h`, `7d`, `2w`, or `1h30m`. @throws CodeSageError `InvalidArgument`. */
export function parseAge(text: string): number {
  if (!/^(?:\d+[smhdw])+$/.test(text))
    throw new CodeSageError('InvalidArgument', `--older-than is "${text}".`, 'Write an age such as 30m, 12h or 7d.');
  return [...text.matchAll(/(\d+)([smhdw])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitSeconds[unit ?? ''] ?? 0),
    0,
  );
}

const faultSchema = z.object({ error: z.string() });

async function call(method: string, path: string, flags: CacheFlags, deps: CliDeps, body?: unknown): Promise<unknown> {
  const base = flags.url ?? `http://127.0.0.1:${deps.env[environment.internalPort] ?? ports.internal}`;
  const file = flags.tokenFile ?? deps.env[environment.internalTokenFile] ?? paths.internalToken;
  const token = readFileIfThere(file)?.trim();
  if (token === undefined || token === '') {
    const remedy = `Name the server's internal token file with --token-file or ${environment.internalTokenFile}.`;
    throw new CodeSageError('ConfigInvalid', `There is no internal token in ${file}.`, remedy);
  }
  const response = await fetch(new URL(path, base), {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const remedy = 'Start one with codesage serve, or name it with --url.';
    throw new CodeSageError('Internal', `No server answers at ${base}: ${messageOf(cause)}.`, remedy, { cause: error });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const fault = faultSchema.safeParse(answer);
  const what = fault.success ? fault.data.error : `${base} answered ${response.status}.`;
  throw new CodeSageError('InvalidArgument', what, '');
}

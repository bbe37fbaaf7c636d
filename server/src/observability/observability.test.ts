/** Decides whether warnings come on transitions only, lines read as the runbook greps them, and no secret is logged. */
import { describe, expect, test } from 'vitest';
import { serverConfigSchema } from '../contract.ts';
import type { CacheStatistics } from '../engine.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { missRatio, startCacheWatch } from './cache-watch.ts';
import { createLogger } from './logger.ts';
import { nextMemoryState, startMemoryGuard } from './memory-guard.ts';
import { maskSecrets, maskUrl } from './redaction.ts';

function capture(format: 'json' | 'text' = 'text') {
  const lines: string[] = [];
  const log = createLogger(serverConfigSchema.parse({ logging: { format } }).logging, {
    write: (line) => lines.push(line),
  });
  return { log, lines };
}

describe('log lines', () => {
  test('[runbook-4.2] text format gives the lines of the runbook', () => {
    const { log, lines } = capture();
    log.info('Indexed 12 files in 3.4 seconds');
    log.warn({ rssMB: 1700 }, 'High memory usage detected');
    log.error({ err: new Error('no') }, 'Index corruption detected');
    expect(lines[0]).toBe('INFO: Indexed 12 files in 3.4 seconds\n');
    expect(lines[1]).toBe('WARNING: High memory usage detected rssMB=1700\n');
    expect(lines[2]).toBe('ERROR: Index corruption detected err={"type":"Error","message":"no"}\n');
  });

  test('[runbook-4.2] JSON format has the same texts under fixed keys', () => {
    const { log, lines } = capture('json');
    log.warn({ rssMB: 1700 }, 'High memory usage detected');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      rssMB: 1700,
      message: 'High memory usage detected',
    });
  });

  test('[server.log-secrecy] secrets and credentials in URLs are masked in both formats', () => {
    for (const format of ['json', 'text'] as const) {
      const { log, lines } = capture(format);
      log.info(
        {
          url: 'https://me:hunter2@example.com/x.git',
          token: 'hunter2',
          source: { password: 'hunter2', apiKey: 'hunter2' },
        },
        'x',
      );
      expect(lines.join()).not.toContain('hunter2');
      expect(lines.join()).toContain('https://***@example.com/x.git');
    }
  });

  test('lines below the level are not written', () => {
    const { log, lines } = capture();
    log.debug('x');
    expect(lines).toEqual([]);
  });
});

describe('masking', () => {
  test.each([
    ['https://user:pw@host/x', 'https://***@host/x'],
    ['ssh://git@host/x', 'ssh://***@host/x'],
    ['https://host/a@b', 'https://host/a@b'],
    ['/plain/path', '/plain/path'],
  ])('%s', (text, expected) => {
    expect(maskUrl(text)).toBe(expected);
  });

  test('[server.log-secrecy] settings whose names tell a secret are masked at any depth', () => {
    const masked = maskSecrets({
      llm: { apiKey: 'k', list: [{ password: 'p' }] },
      sources: [{ git: { url: 'https://a:b@c/d', credentialsDirectory: '/etc/x' } }],
      maxMB: 5,
    });
    expect(masked).toEqual({
      llm: { apiKey: '***', list: [{ password: '***' }] },
      sources: [{ git: { url: 'https://***@c/d', credentialsDirectory: '/etc/x' } }],
      maxMB: 5,
    });
  });
});

describe('memory guard', () => {
  test.each([
    ['ok', 0.79, 'ok'],
    ['ok', 0.8, 'warning'],
    ['warning', 0.75, 'warning'],
    ['warning', 0.69, 'ok'],
  ] as const)('[server.memory-guard] %s at %f becomes %s', (current, used, expected) => {
    expect(nextMemoryState(current, used)).toBe(expected);
  });

  test('[server.memory-guard] warns and relieves once on the way up, recovers once on the way down', () => {
    const engine = createStubEngine();
    const { log, lines } = capture();
    let rss = 100;
    const guard = startMemoryGuard({ engine, maxBytes: 1000, log, rssBytes: () => rss, intervalMs: 60_000 });
    for (rss of [850, 900, 750, 600, 500]) guard.check();
    guard.stop();
    expect(engine.relieved).toEqual([0.25, 1]);
    expect(lines.map((line) => line.slice(0, 35))).toEqual([
      'WARNING: High memory usage detected',
      'INFO: Memory usage is back to norma',
    ]);
  });
});

describe('cache watch', () => {
  const cache = (hits: number, misses: number): CacheStatistics => ({
    hits,
    misses,
    invalidations: 0,
    evictions: 0,
    size: 1,
    maxSize: 10,
  });

  test('a ratio is of the lookups of the period, and none where they were few', () => {
    expect(missRatio({ hits: 1000, misses: 0 }, { hits: 1050, misses: 150 })).toBe(0.75);
    expect(missRatio({ hits: 0, misses: 0 }, { hits: 0, misses: 99 })).toBeUndefined();
  });

  test('[runbook-4.2] warns once while misses stay high, and tells when it is over', () => {
    const engine = createStubEngine();
    const { log, lines } = capture();
    const watch = startCacheWatch({ engine, log, intervalMs: 60_000 });
    for (const [hits, misses] of [
      [0, 200],
      [0, 400],
      [900, 410],
    ] as const) {
      engine.caches.search = cache(hits, misses);
      engine.caches.embedding = cache(0, misses);
      watch.check();
    }
    watch.stop();
    expect(lines).toEqual([
      'WARNING: Cache miss ratio above threshold cache=search missRatio=1\n',
      'INFO: Cache miss ratio is back below threshold cache=search\n',
    ]);
  });
});

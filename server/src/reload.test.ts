/** Decides whether a changed configuration is taken over as far as it can be, and what is told of the rest. */
import { describe, expect, test } from 'vitest';
import { type ServerConfigInput, serverConfigSchema } from './contract.ts';
import { applyInPlace, planReload } from './reload.ts';

const base: ServerConfigInput = { sources: [{ name: 'shop', path: '/code/shop' }] };
const parse = (input: ServerConfigInput) => serverConfigSchema.parse({ ...base, ...input });

describe('planReload', () => {
  test.each<[string, ServerConfigInput, string[], string[]]>([
    ['nothing', {}, [], []],
    ['the log level', { logging: { level: 'debug' } }, ['logging.level'], []],
    ['limits', { limits: { concurrency: 7, jsonDepth: 9 } }, ['limits.jsonDepth', 'limits.concurrency'], []],
    [
      'what a port is opened with',
      { limits: { connections: 9, receiveSeconds: 9 } },
      [],
      ['limits.receiveSeconds', 'limits.connections'],
    ],
    ['origins', { http: { allowedOrigins: ['https://ide.example.com'] } }, ['http.allowedOrigins'], []],
    ['a setting that was not there', { cache: { maxAgeSeconds: 5 } }, ['cache.maxAgeSeconds'], []],
    ['sources', { sources: [{ name: 'till', path: '/code/till' }] }, ['sources'], []],
    [
      'the model',
      { embedding: { provider: 'transformers', model: 'a/b' } },
      [],
      ['embedding.provider', 'embedding.model'],
    ],
    ['memory', { memory: { maxMB: 100 } }, [], ['memory.maxMB']],
    ['the role', { replication: { role: 'Indexer' } }, [], ['replication.role']],
    [
      'some of indexing',
      { indexing: { reindex: '2', concurrency: 3 } },
      ['indexing.reindex'],
      ['indexing.concurrency'],
    ],
  ])('[server.reload] of %s', (_, change, applied, restartNeeded) => {
    const running = parse({});
    const plan = planReload(running, parse(change));
    expect({ applied: plan.applied.sort(), restartNeeded: plan.restartNeeded.sort() }).toEqual({
      applied: applied.sort(),
      restartNeeded: restartNeeded.sort(),
    });
    expect(running).toEqual(parse({}));
    // What waits for a restart is not in effect, and is told again as long as it waits.
    const again = planReload(plan.effective, parse(change));
    expect([again.applied, again.restartNeeded.sort()]).toEqual([[], restartNeeded.sort()]);
  });

  test('[server.reload] takes away what is not set any more', () => {
    const running = parse({ cache: { maxAgeSeconds: 5 } });
    const { effective, applied } = planReload(running, parse({}));
    expect(applied).toEqual(['cache.maxAgeSeconds']);
    expect(effective).toEqual(parse({}));
  });
});

test('[server.reload] whoever holds a section sees what was taken over', () => {
  const running = parse({ cache: { maxAgeSeconds: 5 } });
  const { http, cache } = running;
  const next = parse({ http: { allowedOrigins: ['*'] }, sources: [] });
  applyInPlace(running, planReload(running, next).effective);
  expect(running).toEqual(next);
  expect([http.allowedOrigins, 'maxAgeSeconds' in cache]).toEqual([['*'], false]);
});

/** Decides whether the queries asked often and lately are known, and no more than there is room for. */
import { describe, expect, test } from 'vitest';
import { QueryLog, weightAt } from './query-log.ts';

const day = 24 * 60 * 60 * 1000;
const ask = (query: string) => ({ query, codebases: [], topK: 5 });

function logOf(asked: readonly [query: string, atMs: number][], maxSize = 10, nowMs = 0) {
  const time = { now: 0 };
  const log = new QueryLog(maxSize, () => time.now);
  for (const [query, atMs] of asked) {
    time.now = atMs;
    log.add(ask(query));
  }
  time.now = nowMs;
  return log;
}
const top = (log: QueryLog, count = 10) => log.top(count).map(({ query }) => query);

describe('the query log', () => {
  test('[cache.persistence] queries asked more often come first', () => {
    const log = logOf([
      ['a', 0],
      ['b', 0],
      ['b', 0],
      ['c', 0],
      ['b', 0],
      ['c', 0],
    ]);
    expect(top(log)).toEqual(['b', 'c', 'a']);
    expect(top(log, 1)).toEqual(['b']);
  });

  test('[cache.persistence] what was asked long ago counts less', () => {
    expect(weightAt({ weight: 4, lastMs: 0 }, 2 * day)).toBe(1);
    expect(
      top(
        logOf(
          [
            ['old', 0],
            ['old', 0],
            ['old', 0],
            ['new', 3 * day],
          ],
          10,
          3 * day,
        ),
      ),
    ).toEqual(['new', 'old']);
  });

  test('the query asked longest ago makes room', () => {
    expect(
      top(
        logOf(
          [
            ['a', 0],
            ['b', 1],
            ['a', 2],
            ['c', 3],
          ],
          2,
        ),
      ).sort(),
    ).toEqual(['a', 'c']);
  });

  test('what an earlier process remembered adds to what is asked since', () => {
    const log = logOf([['b', 5]]);
    log.restore([
      { request: ask('a'), weight: 9, lastMs: 0 },
      { request: ask('b'), weight: 99, lastMs: 0 },
    ]);
    expect(log.all().map(({ request, weight }) => [request.query, weight])).toEqual([
      ['b', 1],
      ['a', 9],
    ]);
  });

  test('[runbook-5.1-maintenance] queries not asked for long are pruned', () => {
    const log = logOf(
      [
        ['a', 0],
        ['b', 90],
      ],
      10,
      100,
    );
    log.prune(50);
    expect(top(log)).toEqual(['b']);
  });
});

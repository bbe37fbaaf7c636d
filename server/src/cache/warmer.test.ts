/** Decides whether known queries are run ahead one at a time, and left alone when there is a reason. */
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { SemanticSearchRequest } from '../engine.ts';
import { mostWarmed, Warmer, type WarmerDeps } from './warmer.ts';

const ask = (query: string): SemanticSearchRequest => ({ query, codebases: [], topK: 5 });

function warmerOf(queries: readonly string[], changes: Partial<WarmerDeps> = {}) {
  const ran: string[] = [];
  const lines: string[] = [];
  const log = pino({ messageKey: 'message' }, { write: (line) => lines.push(line) });
  const run = async ({ query }: SemanticSearchRequest) => ran.push(query) > 0;
  const warmer = new Warmer({ queries: () => queries.map(ask), run, mayRun: () => true, log, ...changes });
  return { warmer, ran, lines };
}

describe('warming', () => {
  test('[cache.persistence] runs the queries in their order and tells so once', async () => {
    const { warmer, ran, lines } = warmerOf(['a', 'b']);
    await warmer.start();
    expect(ran).toEqual(['a', 'b']);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ queries: 2, message: 'Search cache warmed' }]);
  });

  test('is bounded', async () => {
    const { warmer, ran } = warmerOf(Array.from({ length: mostWarmed + 5 }, (_, i) => `q${i}`));
    await warmer.start();
    expect(ran).toHaveLength(mostWarmed);
  });

  test('[server.memory-guard] rests while memory is short', async () => {
    const { warmer, ran } = warmerOf(['a', 'b'], { mayRun: () => false });
    await warmer.start();
    expect(ran).toEqual([]);
  });

  test('goes on after a query that fails', async () => {
    const ran: string[] = [];
    const { warmer } = warmerOf(['bad', 'good'], {
      run: async ({ query }) => {
        if (query === 'bad') throw new Error('no such codebase');
        return ran.push(query) > 0;
      },
    });
    await warmer.start();
    expect(ran).toEqual(['good']);
  });

  test('a new round takes the place of the one under way, and stopping ends it', async () => {
    const ran: string[] = [];
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const { warmer } = warmerOf(['a', 'b'], {
      run: async ({ query }) => {
        ran.push(query);
        await gate;
        return true;
      },
    });
    void warmer.start();
    await Promise.resolve();
    const second = warmer.start();
    open();
    await second;
    expect(ran).toEqual(['a', 'a', 'b']);
    await warmer.stop();
  });
});

/** Decides whether long work lets others in, one work an iteration, and hears when it is no longer wanted. */
import { expect, test } from 'vitest';
import { flatMapInTurns, Turns } from './turns.ts';

/** Holds the event loop, as work does. */
function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('[server.heavy-calls] a turn is over after some milliseconds, and the next begins after a rest', async () => {
  const turns = new Turns();
  expect(turns.isOver()).toBe(false);
  spin(10);
  expect(turns.isOver()).toBe(true);
  await turns.rest();
  expect(turns.isOver()).toBe(false);
});

test('[server.heavy-calls] many works together take one turn an iteration of the event loop', async () => {
  let iteration = 0;
  let isRunning = true;
  const count = () => {
    iteration++;
    if (isRunning) setImmediate(count);
  };
  setImmediate(count);
  const resumedIn = await Promise.all(
    Array.from({ length: 5 }, async () => {
      await new Turns().rest();
      return iteration;
    }),
  );
  isRunning = false;
  expect(new Set(resumedIn).size).toBe(5);
});

test('flatMapInTurns gives all in order, and lets a timer in between', async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const found = await flatMapInTurns([1, 2, 3, 4, 5, 6], new Turns(), (item) => {
    spin(9);
    return [item, -item];
  });
  clearInterval(timer);
  expect(found).toEqual([1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6]);
  expect(ticks).toBeGreaterThan(0);
});

test('[server.cancellation] work that is no longer wanted ends at its next rest, with the reason', async () => {
  const controller = new AbortController();
  let worked = 0;
  const work = flatMapInTurns(Array.from({ length: 100 }), new Turns(controller.signal), () => {
    spin(9);
    if (++worked === 2) controller.abort(new Error('gone'));
    return [];
  });
  await expect(work).rejects.toMatchObject({
    code: 'Cancelled',
    cause: expect.objectContaining({ message: 'gone' }),
  });
  expect(worked).toBe(2);
});

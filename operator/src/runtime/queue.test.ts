import { describe, expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { WorkQueue } from './queue.ts';
import { createManualClock, settle } from './testing/manual-clock.ts';

function setup() {
  const clock = createManualClock();
  const metrics = createMetrics();
  const queue = new WorkQueue({ name: 'q', clock, random: () => 1, metrics, backoff: { baseMs: 10, maxMs: 1_000 } });
  return { clock, metrics, queue };
}

const firstValue = async (metrics: ReturnType<typeof createMetrics>, name: string): Promise<number | undefined> =>
  (await metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value;

describe('[operator.queue] the key queue', () => {
  test('a key added many times while it waits is handed out once', async () => {
    const { queue, metrics } = setup();
    for (let i = 0; i < 5; i++) queue.add('a');
    expect(queue.depth).toBe(1);
    expect(await queue.take()).toBe('a');
    expect(queue.depth).toBe(0);
    expect(await firstValue(metrics, 'workqueue_adds_total')).toBe(1);
  });

  test('keys are handed out in the order in which they were added', async () => {
    const { queue } = setup();
    for (const key of ['a', 'b', 'c', 'a']) queue.add(key);
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(['a', 'b', 'c']);
  });

  test('a key added while it is worked on is handed out again, but only after it is done', async () => {
    const { queue } = setup();
    queue.add('a');
    await queue.take();
    queue.add('a');
    let second: string | undefined;
    void queue.take().then((key) => {
      second = key;
    });
    await settle();
    expect(second).toBeUndefined();
    queue.done('a');
    await settle();
    expect(second).toBe('a');
  });

  test('a waiting taker gets a key as soon as it is added', async () => {
    const { queue } = setup();
    const taken = queue.take();
    queue.add('a');
    expect(await taken).toBe('a');
  });

  test('of several waits for one key the shortest holds', async () => {
    const { queue, clock } = setup();
    queue.addAfter('a', 500);
    queue.addAfter('a', 100);
    queue.addAfter('a', 900);
    await clock.advance(99);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(queue.depth).toBe(1);
    expect(queue.delayed).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('each failure in a row doubles the wait up to the limit, and success ends the row', async () => {
    const { queue } = setup();
    const waits = Array.from({ length: 9 }, () => queue.retry('a'));
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 640, 1_000, 1_000]);
    expect(queue.failures('a')).toBe(9);
    queue.forget('a');
    expect(queue.retry('a')).toBe(10);
  });

  test('a failing key does not delay another', async () => {
    const { queue } = setup();
    for (let i = 0; i < 8; i++) queue.retry('bad');
    expect(queue.retry('good')).toBe(10);
  });

  test('a wait that the server asked for is kept even when the backoff is shorter', () => {
    const { queue } = setup();
    expect(queue.retry('a', 5_000)).toBe(5_000);
  });

  test('closing it wakes all takers, and nothing is handed out or kept any more', async () => {
    const { queue, clock } = setup();
    const taken = queue.take();
    queue.addAfter('a', 10);
    queue.close();
    queue.add('b');
    expect(await taken).toBeUndefined();
    expect(await queue.take()).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test('the time a key waited is measured', async () => {
    const { queue, clock, metrics } = setup();
    queue.add('a');
    await clock.advance(2_000);
    await queue.take();
    const text = await metrics.registry.getSingleMetricAsString('workqueue_queue_duration_seconds');
    expect(text).toContain('workqueue_queue_duration_seconds_sum{name="q"} 2');
  });
});

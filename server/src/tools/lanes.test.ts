/** Decides whether heavy calls run in bounded numbers, wait a bounded time, and never stand in the way of quick ones. */
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { defaultHttpLimits } from '../http/limits.ts';
import { testServices } from '../testing/assemble.ts';
import { defineTool, readOnly } from './define.ts';
import { Lanes, laneLimits, laneNames } from './lanes.ts';
import { createToolRunner, type ToolRunner } from './run.ts';

const few = { atOnce: 1, waiting: 1, patienceMs: 60_000, retrySeconds: 7 };
const limits = { search: few, relations: few, analysis: few, history: few };
const never = new AbortController().signal;

/** Work that ends when it is told to. */
function heldWork() {
  const ends: (() => void)[] = [];
  const tool = defineTool({
    name: 'heavy',
    title: 'Heavy',
    description: '',
    input: z.strictObject({ known: z.boolean().default(false) }),
    output: z.strictObject({}),
    annotations: readOnly,
    lane: 'relations',
    isAtHand: async ({ known }) => known,
    timeoutMs: 50,
    handle: ({ known }) => (known ? Promise.resolve({}) : new Promise((resolve) => ends.push(() => resolve({})))),
  });
  return { ends, tool };
}

const textOf = async (answer: ReturnType<ToolRunner>) => (await answer).content[0].text;

describe('Lanes', () => {
  test('[server.heavy-calls] one more than may wait is refused at once, with a code and when to come again', async () => {
    const lanes = new Lanes(limits);
    const leave = await lanes.enter('relations', 'trace_calls', never);
    const second = lanes.enter('relations', 'trace_calls', never);
    await expect(lanes.enter('relations', 'trace_calls', never)).rejects.toMatchObject({
      code: 'Busy',
      message: expect.stringContaining('trace_calls could not begin'),
      remedy: 'Retry after 7 seconds, one call at a time.',
    });
    expect(lanes.counts()).toContainEqual({ lane: 'relations', running: 1, waiting: 1 });
    leave();
    (await second)();
    await vi.waitFor(() => expect(lanes.counts()).toContainEqual({ lane: 'relations', running: 0, waiting: 0 }));
  });

  test('[server.heavy-calls] a full lane is no hindrance to another', async () => {
    const lanes = new Lanes(limits);
    await lanes.enter('analysis', 'find_duplicate_code', never);
    await expect(lanes.enter('search', 'search_codebase', never)).resolves.toBeTypeOf('function');
  });

  test('[server.heavy-calls] who waited in vain is told so, and leaves the line', async () => {
    const lanes = new Lanes({ ...limits, search: { ...few, patienceMs: 20 } });
    const leave = await lanes.enter('search', 'search_codebase', never);
    await expect(lanes.enter('search', 'search_codebase', never)).rejects.toMatchObject({ code: 'Busy' });
    expect(lanes.counts()).toContainEqual({ lane: 'search', running: 1, waiting: 0 });
    leave();
    await expect(lanes.enter('search', 'search_codebase', never)).resolves.toBeTypeOf('function');
  });

  test('[limits.fair] clients take turns, however many calls one of them has waiting', async () => {
    const lanes = new Lanes({ ...limits, search: { ...few, waiting: 10 } });
    const begun: string[] = [];
    const enter = async (client: string, call: string) => {
      const leave = await lanes.enter('search', call, never, client);
      begun.push(call);
      leave();
    };
    const leave = await lanes.enter('search', 'first', never, 'a');
    const calls = [
      ...['a1', 'a2', 'a3', 'a4'].map((call) => enter('a', call)),
      ...['b1', 'b2'].map((call) => enter('b', call)),
      enter('c', 'c1'),
    ];
    leave();
    await Promise.all(calls);
    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  });

  test('[limits.fair] a full line makes room for a client that has less waiting, at the cost of who has most', async () => {
    const lanes = new Lanes({ ...limits, search: { ...few, waiting: 4 } });
    const leave = await lanes.enter('search', 'first', never, 'a');
    const flood = ['a1', 'a2', 'a3', 'a4'].map((call) => lanes.enter('search', call, never, 'a'));
    const fates = Promise.allSettled(flood);
    await expect(lanes.enter('search', 'a5', never, 'a')).rejects.toMatchObject({ code: 'Busy' });
    const other = lanes.enter('search', 'b1', never, 'b');
    await expect(flood[3]).rejects.toMatchObject({ code: 'Busy', message: expect.stringContaining('others wait') });
    const second = lanes.enter('search', 'b2', never, 'b');
    await expect(flood[2]).rejects.toMatchObject({ code: 'Busy' });
    // Now both have two: who comes next of either is refused, and changes nothing.
    await expect(lanes.enter('search', 'b3', never, 'b')).rejects.toMatchObject({ code: 'Busy' });
    expect(lanes.counts()).toContainEqual({ lane: 'search', running: 1, waiting: 4 });
    leave();
    for (const turn of [flood[0], other, flood[1], second]) (await turn)?.();
    expect((await fates).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
  });

  test('[server.cancellation] who goes away while waiting leaves the line; who goes away later keeps the place', async () => {
    const lanes = new Lanes(limits);
    const first = new AbortController();
    const second = new AbortController();
    const leave = await lanes.enter('relations', 'trace_calls', first.signal);
    const waiting = lanes.enter('relations', 'trace_calls', second.signal);
    second.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    first.abort();
    expect(lanes.counts()).toContainEqual({ lane: 'relations', running: 1, waiting: 0 });
    leave();
    await vi.waitFor(() => expect(lanes.counts()).toContainEqual({ lane: 'relations', running: 0, waiting: 0 }));
  });

  test('all that run and wait are fewer than the requests taken at once, so that quick calls get in', () => {
    const places = laneNames.map((name) => laneLimits[name].atOnce + laneLimits[name].waiting);
    expect(places.reduce((sum, one) => sum + one)).toBeLessThanOrEqual(defaultHttpLimits.concurrency * 0.75);
  });
});

describe('heavy tools', () => {
  test('[server.heavy-calls] work whose time is over keeps its place until it has ended', async () => {
    const lanes = new Lanes(limits);
    const runTool = createToolRunner(testServices(), () => {}, undefined, lanes);
    const { tool, ends } = heldWork();
    expect(await textOf(runTool(tool, {}, { signal: never }))).toMatch(/^TimedOut/);
    expect(lanes.counts()).toContainEqual({ lane: 'relations', running: 1, waiting: 0 });
    for (const end of ends) end();
    await vi.waitFor(() => expect(lanes.counts()).toContainEqual({ lane: 'relations', running: 0, waiting: 0 }));
  });

  test('[server.heavy-calls] an answer that is at hand waits for nobody', async () => {
    const runTool = createToolRunner(testServices(), () => {}, undefined, new Lanes(limits));
    const { tool, ends } = heldWork();
    const held = runTool(tool, {}, { signal: never });
    expect(await textOf(runTool(tool, { known: true }, { signal: never }))).toBe('{}');
    for (const end of ends) end();
    await held;
  });

  test('[server.cancellation] a caller that goes away while waiting is answered, and its work never begins', async () => {
    const lanes = new Lanes(limits);
    const runTool = createToolRunner(testServices(), () => {}, undefined, lanes);
    const { tool, ends } = heldWork();
    const leave = await lanes.enter('relations', 'heavy', never);
    const controller = new AbortController();
    const answer = runTool(tool, {}, { signal: controller.signal });
    await vi.waitFor(() => expect(lanes.counts()).toContainEqual({ lane: 'relations', running: 1, waiting: 1 }));
    controller.abort();
    expect(await textOf(answer)).toMatch(/^Cancelled/);
    leave();
    expect(ends).toHaveLength(0);
  });
});

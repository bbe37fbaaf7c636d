import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { ApiError } from './api-error.ts';
import type { Client } from './client.ts';
import { buildEvent, createEventRecorder } from './event-recorder.ts';
import type { Happening } from './events.ts';
import { createMetrics } from './metrics.ts';
import type { Event } from './resources.ts';
import { createManualClock, settle } from './testing/manual-clock.ts';

const happening = (note: string, uid = 'u'): Happening => ({
  regarding: { apiVersion: 'v1', kind: 'Thing', metadata: { namespace: 'ns', name: 'a', uid, resourceVersion: '1' } },
  type: 'Normal',
  reason: 'Ready',
  action: 'Reconcile',
  note,
});

/** A recorder whose client notes what is written: `note`, or `note xN` for a count. */
function setup(write: (what: string) => Promise<unknown> = async () => ({})) {
  const written: string[] = [];
  const notes = new Map<string, string>();
  const clock = createManualClock();
  const metrics = createMetrics();
  const tell = (what: string) => {
    written.push(what);
    return write(what);
  };
  const client = {
    create: (_type: unknown, event: Event) => {
      notes.set(event.metadata?.name ?? '', event.note ?? '');
      return tell(event.note ?? '');
    },
    mergePatch: (_type: unknown, { name }: { name: string }, { series }: { series: { count: number } }) =>
      tell(`${notes.get(name)} x${series.count}`),
  } as unknown as Client;
  const logger = pino({ level: 'silent' });
  const recorder = createEventRecorder({ client, controller: 'c', instance: 'i', clock, metrics, logger });
  return { written, clock, recorder, metrics };
}

describe('[operator.events] a recorder', () => {
  test('counts repetitions on the first event, once a minute at most', async () => {
    const { written, clock, recorder } = setup();
    for (let second = 0; second < 120; second++) {
      recorder.record(happening('one'));
      await clock.advance(1_000);
    }
    expect(written).toEqual(['one', 'one x60', 'one x120']);
  });

  test('writes nothing more for what happened once', async () => {
    const { written, clock, recorder } = setup();
    recorder.record(happening('one'));
    await clock.advance(3_600_000);
    expect(written).toEqual(['one']);
    expect(clock.pending).toBe(0);
  });

  test('begins a new event after ten quiet minutes', async () => {
    const { written, clock, recorder } = setup();
    recorder.record(happening('one'));
    await clock.advance(600_000);
    recorder.record(happening('one'));
    await settle();
    expect(written).toEqual(['one', 'one']);
  });

  test('begins a new event when the first one is gone', async () => {
    const { written, clock, recorder, metrics } = setup((what) =>
      what.includes(' x') ? Promise.reject(new ApiError('NotFound', 'expired')) : Promise.resolve({}),
    );
    recorder.record(happening('one'));
    await clock.advance(61_000);
    recorder.record(happening('one'));
    await settle();
    recorder.record(happening('one'));
    await settle();
    expect(written).toEqual(['one', 'one x2', 'one']);
    expect(await metrics.registry.getSingleMetricAsString('events_dropped_total')).toContain('{reason="gone"} 1');
  });

  test('writes the last count when it is flushed', async () => {
    const { written, recorder } = setup();
    for (let i = 0; i < 3; i++) recorder.record(happening('one'));
    await recorder.flush(1_000);
    expect(written).toEqual(['one', 'one x3']);
  });

  test('takes another note, or another object of the same name, for another happening', async () => {
    const { written, recorder } = setup();
    recorder.record(happening('one'));
    recorder.record(happening('two'));
    recorder.record(happening('one', 'newer'));
    await settle();
    expect(written).toEqual(['one', 'two', 'one']);
  });

  test('never throws, and goes on after a write that failed', async () => {
    const { written, recorder } = setup((what) =>
      what === 'bad' ? Promise.reject(new ApiError('Forbidden', 'namespace ends')) : Promise.resolve({}),
    );
    recorder.record(happening('bad'));
    recorder.record(happening('good'));
    await recorder.flush(1_000);
    expect(written).toEqual(['bad', 'good']);
  });

  test('keeps a limited backlog while the API server does not answer, and flush gives up in time', async () => {
    const { recorder, clock, metrics } = setup(() => new Promise(() => {}));
    for (let i = 0; i < 300; i++) recorder.record(happening(`note ${i}`));
    let flushed = false;
    void recorder.flush(3_000).then(() => {
      flushed = true;
    });
    await clock.advance(2_999);
    expect(flushed).toBe(false);
    await clock.advance(1);
    expect(flushed).toBe(true);
    expect(await metrics.registry.getSingleMetricAsString('events_dropped_total')).toContain('{reason="overflow"} 100');
  });

  test('cuts a long note at a whole character and gives every event a name of its own', () => {
    const reporter = { controller: 'c', instance: 'i' };
    const event = buildEvent(happening('ä'.repeat(2_000)), reporter, 0, 1);
    expect(Buffer.byteLength(event.note ?? '')).toBeLessThanOrEqual(1_024);
    expect(event.note).toMatch(/^ä+…$/);
    expect(buildEvent(happening('x'), reporter, 0, 2).metadata?.name).not.toBe(event.metadata?.name);
    expect(event.eventTime).toBe('1970-01-01T00:00:00.000000Z');
  });
});

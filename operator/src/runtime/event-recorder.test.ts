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

function setup(create: (event: Event) => Promise<unknown> = async () => ({})) {
  const written: (string | undefined)[] = [];
  const clock = createManualClock();
  const metrics = createMetrics();
  const client = {
    create: (_type: unknown, event: Event) => {
      written.push(event.note);
      return create(event);
    },
  } as unknown as Client;
  const recorder = createEventRecorder({
    client,
    controller: 'c',
    instance: 'i',
    clock,
    metrics,
    logger: pino({ level: 'silent' }),
  });
  return { written, clock, recorder, metrics };
}

describe('[operator.events] a recorder', () => {
  test('writes a happening once in ten minutes, however often it is recorded', async () => {
    const { written, clock, recorder, metrics } = setup();
    for (let minute = 0; minute < 25; minute++) {
      recorder.record(happening('one'));
      await clock.advance(60_000);
    }
    expect(written).toEqual(['one', 'one', 'one']);
    expect(await metrics.registry.getSingleMetricAsString('events_dropped_total')).toContain('{reason="repeated"} 22');
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
    const { written, recorder } = setup((event) =>
      event.note === 'bad' ? Promise.reject(new ApiError('Forbidden', 'namespace ends')) : Promise.resolve({}),
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

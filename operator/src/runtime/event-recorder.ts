/** Decides how a happening becomes an Event object, and that a recorder never harms the one who records. */
import type { Logger } from 'pino';
import type { Client } from './client.ts';
import { type Clock, sleep } from './clock.ts';
import type { EventRecorder, Happening } from './events.ts';
import type { Metrics } from './metrics.ts';
import { microTime } from './micro-time.ts';
import { type Event, events } from './resources.ts';

export type EventRecorderOptions = {
  client: Client;
  /** Who reports, such as `example.com/operator`. */
  controller: string;
  /** Which instance of it: the pod's name. */
  instance: string;
  clock: Clock;
  metrics: Metrics;
  logger: Logger;
  /** A happening equal to an earlier one of this time is a repetition. Default ten minutes. */
  windowMs?: number;
};

/** Happenings that are remembered as told; the oldest are forgotten first. */
const rememberedHappenings = 5_000;
/** Events that may wait to be written; with a slow API server the rest is dropped. */
const longestBacklog = 200;
const longestNoteBytes = 1024;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, clock, metrics, logger, windowMs = 600_000 } = options;
  const toldAt = new Map<string, number>();
  let backlog = 0;
  let tail: Promise<void> = Promise.resolve();
  let sequence = 0;

  function isRepetition(happening: Happening): boolean {
    const key = JSON.stringify([happening.regarding.metadata.uid, happening.type, happening.reason, happening.note]);
    const now = clock.elapsed();
    const before = toldAt.get(key);
    if (before !== undefined && now - before < windowMs) return true;
    toldAt.delete(key);
    toldAt.set(key, now);
    if (toldAt.size > rememberedHappenings) toldAt.delete(toldAt.keys().next().value ?? '');
    return false;
  }

  async function write(event: Event): Promise<void> {
    try {
      await client.create(events, event, { timeoutMs: 10_000 });
    } catch (error) {
      metrics.eventsDropped.inc({ reason: 'failed' });
      logger.debug({ err: error, reason: event.reason }, 'event not written');
    } finally {
      backlog--;
    }
  }

  return {
    record(happening) {
      if (isRepetition(happening)) {
        metrics.eventsDropped.inc({ reason: 'repeated' });
      } else if (backlog >= longestBacklog) {
        metrics.eventsDropped.inc({ reason: 'overflow' });
      } else {
        backlog++;
        sequence++;
        const event = buildEvent(happening, options, clock.now(), sequence);
        // One after the other: events are for people, and must not compete with reconciles for the API server.
        tail = tail.then(() => write(event));
      }
    },
    async flush(timeoutMs) {
      const done = new AbortController();
      await Promise.race([tail, sleep(clock, timeoutMs, done.signal)]);
      done.abort();
    },
  };
}

/** The Event object. Its name is unique through time and `sequence`, as client-go makes it. */
export function buildEvent(
  happening: Happening,
  reporter: { controller: string; instance: string },
  epochMs: number,
  sequence: number,
): Event {
  const { regarding } = happening;
  const { name, uid, resourceVersion, namespace = 'default' } = regarding.metadata;
  const suffix = `${epochMs.toString(16)}${sequence.toString(16).padStart(4, '0')}`;
  return {
    metadata: { namespace, name: `${name.slice(0, 200)}.${suffix}` },
    eventTime: microTime(epochMs),
    reportingController: reporter.controller,
    reportingInstance: reporter.instance.slice(0, 128),
    type: happening.type,
    reason: happening.reason,
    action: happening.action,
    note: cut(happening.note, longestNoteBytes),
    regarding: {
      ...{ apiVersion: regarding.apiVersion, kind: regarding.kind, namespace: regarding.metadata.namespace },
      ...{ name, uid, resourceVersion },
    } as NonNullable<Event['regarding']>,
  };
}

/** At most `bytes` bytes of UTF-8, never half a character. */
function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  return `${new TextDecoder().decode(encoded.subarray(0, bytes - 6)).replace(/\uFFFD+$/, '')}…`;
}

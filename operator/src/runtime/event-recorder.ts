/** Decides which happenings become Events of their own and which are counted on an earlier one, and never harms who records. */
import type { Logger } from 'pino';
import { hasCode } from './api-error.ts';
import type { Client } from './client.ts';
import { type Cancel, type Clock, sleep } from './clock.ts';
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
  /** A happening equal to one of the last so many milliseconds is counted on it. Default ten minutes. */
  windowMs?: number;
};

/** An event that is written, and how often it happened since. */
type Series = { event: Event; count: number; lastMs: number; writtenMs: number; pending: Cancel | undefined };

/** Series that are remembered; the one that was quiet for longest is forgotten first. */
const rememberedSeries = 5_000;
/** Events that may wait to be written; with a slow API server the rest is dropped. */
const longestBacklog = 200;
/** The count of a series is written at most this often. */
const countEveryMs = 60_000;
const longestNoteBytes = 1_024;

/** A recorder that writes to the API server, one event after the other: they must not compete with reconciles for it. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new Recorder(options);
}

class Recorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  #backlog = 0;
  #sequence = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(happening: Happening): void {
    const { clock, windowMs = 600_000 } = this.#options;
    const key = JSON.stringify([happening.regarding.metadata.uid, happening.type, happening.reason, happening.note]);
    const series = this.#series.get(key);
    if (series !== undefined && clock.elapsed() - series.lastMs < windowMs) this.#repeat(key, series);
    else this.#begin(key, happening);
  }

  async flush(timeoutMs: number): Promise<void> {
    for (const [key, series] of this.#series) if (series.pending !== undefined) this.#writeCount(key, series);
    const done = new AbortController();
    await Promise.race([this.#tail, sleep(this.#options.clock, timeoutMs, done.signal)]);
    done.abort();
  }

  #begin(key: string, happening: Happening): void {
    const { clock, client } = this.#options;
    this.#series.get(key)?.pending?.();
    this.#series.delete(key);
    const event = buildEvent(happening, this.#options, clock.now(), ++this.#sequence);
    const queued = this.#enqueue(event, () => client.create(events, event, { timeoutMs: 10_000 }), key);
    if (!queued) return;
    const nowMs = clock.elapsed();
    this.#series.set(key, { event, count: 1, lastMs: nowMs, writtenMs: nowMs, pending: undefined });
    if (this.#series.size > rememberedSeries) this.#forget(this.#series.keys().next().value ?? '');
  }

  #repeat(key: string, series: Series): void {
    const { clock } = this.#options;
    series.count++;
    series.lastMs = clock.elapsed();
    // The most recently repeated is the last to be forgotten.
    this.#series.delete(key);
    this.#series.set(key, series);
    const waitMs = series.writtenMs + countEveryMs - series.lastMs;
    if (waitMs <= 0) this.#writeCount(key, series);
    else series.pending ??= clock.after(waitMs, () => this.#writeCount(key, series));
  }

  #writeCount(key: string, series: Series): void {
    const { clock, client } = this.#options;
    const { namespace, name = '' } = series.event.metadata ?? {};
    series.pending?.();
    series.pending = undefined;
    series.writtenMs = clock.elapsed();
    const lastObservedTime = microTime(clock.now());
    this.#enqueue(
      series.event,
      () =>
        client.mergePatch(
          events,
          { namespace, name },
          { series: { count: series.count, lastObservedTime } },
          { timeoutMs: 10_000 },
        ),
      key,
    );
  }

  #enqueue(event: Event, write: () => Promise<unknown>, key: string): boolean {
    const { metrics } = this.#options;
    if (this.#backlog >= longestBacklog) {
      metrics.eventsDropped.inc({ reason: 'overflow' });
      return false;
    }
    this.#backlog++;
    this.#tail = this.#tail.then(() => this.#attempt(event, write, key));
    return true;
  }

  async #attempt(event: Event, write: () => Promise<unknown>, key: string): Promise<void> {
    try {
      await write();
    } catch (error) {
      // An event that is gone, or was never written, cannot be counted on: the next of its kind is a new one.
      this.#forget(key);
      this.#options.metrics.eventsDropped.inc({ reason: hasCode(error, 'NotFound') ? 'gone' : 'failed' });
      this.#options.logger.debug({ err: error, reason: event.reason }, 'event not written');
    } finally {
      this.#backlog--;
    }
  }

  #forget(key: string): void {
    this.#series.get(key)?.pending?.();
    this.#series.delete(key);
  }
}

/** The Event object. Its name is unique through time and `sequence`, as client-go makes it. */
export function buildEvent(
  happening: Happening,
  reporter: { controller: string; instance: string },
  epochMs: number,
  sequence: number,
): Event {
  const { apiVersion, kind, metadata } = happening.regarding;
  const { name, uid, resourceVersion, namespace = 'default' } = metadata;
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
    regarding: { apiVersion, kind, namespace: metadata.namespace, name, uid, resourceVersion } as NonNullable<
      Event['regarding']
    >,
  };
}

/** At most `bytes` bytes of UTF-8, never half a character. */
function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  return `${new TextDecoder().decode(encoded.subarray(0, bytes - 6)).replace(/\uFFFD+$/, '')}…`;
}

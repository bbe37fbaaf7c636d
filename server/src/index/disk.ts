/** Decides how much disk the index takes and how full its volume is. */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';

/** After so long others get their turn. */
const turnMs = 2;

/** Bytes of all files below `directory`; what vanishes while counting does not count. */
export async function directorySize(directory: string): Promise<number> {
  let bytes = 0;
  const pending = [directory];
  let startedAt = performance.now();
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of listed(at)) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) pending.push(path);
      // Asked synchronously, a file takes a sixth of the time; a volume that is slow to answer gets its turns one by one.
      else if (entry.isFile()) bytes += sizeOf(path);
      if (performance.now() - startedAt < turnMs) continue;
      await pause();
      startedAt = performance.now();
    }
  }
  return bytes;
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

function listed(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** A figure of the disk that is asked for more often than it changes much. */
export class Remembered<T> {
  readonly #measure: () => Promise<T>;
  readonly #maxAgeMs: number;
  readonly #clock: () => number;
  #known: { value: Promise<T>; atMs: number } | undefined;

  /** @param maxAgeMs how long a figure is given again */
  constructor(measure: () => Promise<T>, maxAgeMs: number, clock: () => number) {
    this.#measure = measure;
    this.#maxAgeMs = maxAgeMs;
    this.#clock = clock;
  }

  value(): Promise<T> {
    const now = this.#clock();
    const age = now - (this.#known?.atMs ?? Number.NEGATIVE_INFINITY);
    // A clock that was put back makes what is known older, not younger.
    if (this.#known === undefined || age < 0 || age >= this.#maxAgeMs)
      this.#known = { value: this.#measure(), atMs: now };
    return this.#known.value;
  }

  /** What is there now is no longer what was measured. */
  forget(): void {
    this.#known = undefined;
  }
}

/** Milliseconds for which the usage of a volume is given again: each look at it waits for another thread. */
export const volumeKnownForMs = 1000;

export type VolumeUsage = { capacityBytes: number; usedBytes: number; usedPercent: number };

/** Usage of the file system that holds `directory`, as `df` counts it. */
export async function volumeUsage(directory: string): Promise<VolumeUsage | undefined> {
  const stats = await statfs(directory).catch(() => undefined);
  if (stats === undefined || stats.blocks === 0) return undefined;
  const capacityBytes = stats.blocks * stats.bsize;
  const usedBytes = (stats.blocks - stats.bfree) * stats.bsize;
  const usable = usedBytes + stats.bavail * stats.bsize;
  return { capacityBytes, usedBytes, usedPercent: usable === 0 ? 100 : Math.round((1000 * usedBytes) / usable) / 10 };
}

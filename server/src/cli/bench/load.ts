/** Decides how calls are made: so many at a time, until all are made or the time is over. */

export type Call = { tool: string; args: Record<string, unknown> };
export type Timing = { tool: string; ms: number; error?: string };

export type LoadOptions = {
  concurrency: number;
  /** Milliseconds of `now` at which no further call is begun. */
  deadline: number;
  now: () => number;
  onDone?: (done: number) => void;
};

/**
 * Makes the calls in order, `concurrency` at a time, and times each. A call that rejects is an error with its message.
 * Calls that the deadline cut off are not in the answer.
 */
export async function runLoad(
  calls: readonly Call[],
  make: (call: Call) => Promise<unknown>,
  { concurrency, deadline, now, onDone }: LoadOptions,
): Promise<Timing[]> {
  const timings: Timing[] = [];
  const waiting = calls.values();

  async function worker(): Promise<void> {
    for (const call of waiting) {
      const startedAt = now();
      if (startedAt >= deadline) return;
      const failure = await make(call).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      timings.push({ tool: call.tool, ms: now() - startedAt, ...(failure !== undefined && { error: failure }) });
      onDone?.(timings.length);
    }
  }

  await Promise.all(Array.from({ length: concurrency }, worker));
  return timings;
}

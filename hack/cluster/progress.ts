/** Decides what a person sees of a long step: what it is, how long it has taken, how long it usually takes. */

export type Step = {
  /** What is being done, as words for a person. */
  name: string;
  /** Seconds it usually takes on two cores. */
  usual: number;
};

/** Receives the lines to show. `now` is a clock in milliseconds. */
export type Progress = { write(line: string): void; now(): number; every: number };

/** Lines on standard error, a sign of life every ten seconds. */
export const consoleProgress: Progress = {
  write: (line) => void process.stderr.write(`${line}\n`),
  now: () => performance.now(),
  every: 10_000,
};

/** Seconds as people read them: `8 s`, `1 min 20 s`, `12 min`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const rest = whole % 60;
  return `${Math.floor(whole / 60)} min${rest === 0 ? '' : ` ${rest} s`}`;
}

/**
 * Runs one step and reports its start (only when it usually takes long), its signs of life and its end. A failure is
 * reported and thrown on.
 */
export async function step<T>(
  progress: Progress | undefined,
  { name, usual }: Step,
  action: () => Promise<T>,
): Promise<T> {
  if (progress === undefined) return action();
  const start = progress.now();
  const elapsed = () => (progress.now() - start) / 1000;
  if (usual >= 3) progress.write(`… ${name} (usually ${duration(usual)})`);
  const timer = setInterval(
    () => progress.write(`… ${name}: ${duration(elapsed())} of usually ${duration(usual)}`),
    progress.every,
  );
  try {
    const result = await action();
    progress.write(`✓ ${name}: ${duration(elapsed())}`);
    return result;
  } catch (error) {
    progress.write(`✗ ${name}: failed after ${duration(elapsed())}`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

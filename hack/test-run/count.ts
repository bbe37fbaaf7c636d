/** Decides what a layer's report counts as: nothing that did not run may look like success. */
import { z } from 'zod';

/** What is read of vitest's JSON report. */
export const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
});

export type LayerCount = { passed: number; failed: number; remedy?: string };

/**
 * Counts one layer. `report` is undefined when the runner wrote none. In a whole run (`chosenByName` false) a test that
 * skipped itself counts as failed; when tests were chosen by name, the others are skipped on purpose.
 */
export function countLayer(report: unknown, exitCode: number, chosenByName: boolean): LayerCount {
  const counts = reportSchema.safeParse(report);
  if (!counts.success)
    return { passed: 0, failed: 1, remedy: 'the test runner ended without a report: read its output above' };
  const { numPassedTests: passed, numFailedTests, numPendingTests } = counts.data;
  const failed = numFailedTests + (chosenByName ? 0 : numPendingTests);
  // Vitest exits non-zero for reasons that no test carries: a suite that does not load, an unhandled rejection.
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

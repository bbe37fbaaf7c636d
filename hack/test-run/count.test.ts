import { describe, expect, test } from 'vitest';
import { countLayer } from './count.ts';

const report = (passed: number, failed = 0, pending = 0) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
});

describe('[proof.no-silent-skip] countLayer', () => {
  test.each([
    { name: 'tests that pass and fail are counted', report: report(5, 2), exitCode: 1, chosenByName: false, failed: 2 },
    {
      name: 'a test that skipped itself is a failure',
      report: report(5, 0, 1),
      exitCode: 0,
      chosenByName: false,
      failed: 1,
    },
    {
      name: 'tests that were not chosen are no failure',
      report: report(1, 0, 9),
      exitCode: 0,
      chosenByName: true,
      failed: 0,
    },
    { name: 'a suite that does not load is a failure', report: report(5), exitCode: 1, chosenByName: false, failed: 1 },
    {
      name: 'a runner that wrote no report is a failure',
      report: undefined,
      exitCode: 0,
      chosenByName: false,
      failed: 1,
    },
    {
      name: 'a report of another form is a failure',
      report: { ok: true },
      exitCode: 0,
      chosenByName: false,
      failed: 1,
    },
    { name: 'all well is no failure', report: report(5), exitCode: 0, chosenByName: false, failed: 0 },
  ])('$name', ({ report, exitCode, chosenByName, failed }) => {
    expect(countLayer(report, exitCode, chosenByName).failed).toBe(failed);
  });
});

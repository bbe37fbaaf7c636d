/** Decides how the end of a test run reads: a line a stage with its time, then the count that CI looks for. */
import type { StageResult } from './stages.ts';

/** Text of the closing table; its last line is `N passed, N failed`. */
export function summarise(results: readonly StageResult[]): { text: string; failed: number } {
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  // A run that executed nothing proves nothing, so it counts as a failure.
  const failed = results.reduce((sum, result) => sum + result.failed, 0) + (passed === 0 ? 1 : 0);
  const width = Math.max(...results.map((result) => result.name.length), 5);
  const rows = results.map((result) => {
    const counts = `${String(result.passed).padStart(5)} passed ${String(result.failed).padStart(4)} failed`;
    const remedy = result.failed > 0 && result.remedy !== undefined ? `   ${result.remedy}` : '';
    return `${result.name.padEnd(width)}  ${result.seconds.toFixed(1).padStart(7)} s  ${counts}${remedy}`;
  });
  const total = results.reduce((sum, result) => sum + result.seconds, 0);
  return {
    text: `\n${rows.join('\n')}\n${'total'.padEnd(width)}  ${total.toFixed(1).padStart(7)} s\n${passed} passed, ${failed} failed\n`,
    failed,
  };
}

/** Decides whether the account of calls counts right, forgets in time, stays small and tells nothing across codebases. */
import { describe, expect, test } from 'vitest';
import { LatencyHistogram } from './latency.ts';
import { createUsage, type UsageCall } from './usage.ts';

const hourMs = 3_600_000;

function account() {
  let nowMs = 100 * 24 * hourMs;
  const usage = createUsage(() => nowMs);
  const record = (call: Partial<UsageCall>) =>
    usage.record({ tool: 'find_symbol', seconds: 0.01, caller: 'a', ...call });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { usage, record, pass };
}

describe('latencies', () => {
  test.each([
    [0.5, 0.5],
    [0.95, 0.95],
    [0.99, 0.99],
  ])('the percentile %d of 1 ms to 1 s is within a tenth', (share, expected) => {
    const histogram = new LatencyHistogram();
    for (let ms = 1; ms <= 1000; ms++) histogram.record(ms / 1000);
    expect(Math.abs(histogram.percentile(share) / expected - 1)).toBeLessThan(0.1);
    expect(histogram).toMatchObject({ count: 1000, max: 1 });
    expect(histogram.mean).toBeCloseTo(0.5005);
  });

  test('are 0 while there are none, and never above the longest', () => {
    const histogram = new LatencyHistogram();
    expect([histogram.percentile(0.99), histogram.mean, histogram.max]).toEqual([0, 0, 0]);
    for (const seconds of [0, 1e-9, 1e6]) histogram.record(seconds);
    expect(histogram.percentile(0.3)).toBeLessThan(1e-4);
    expect(histogram.percentile(1)).toBeLessThanOrEqual(1e6);
  });
});

describe('figures', () => {
  test('[tools.usage-figures] count calls, errors by code and latencies by tool', () => {
    const { usage, record } = account();
    record({ seconds: 0.1 });
    record({ seconds: 0.1 });
    record({ code: 'Busy', seconds: 9 });
    record({ tool: 'list_files', seconds: 1 });
    const figures = usage.figures('all');
    expect(figures).toMatchObject({ calls: 4, errors: 1, errorsByCode: [{ code: 'Busy', count: 1 }] });
    expect(figures.tools.map(({ tool, calls, errors }) => [tool, calls, errors])).toEqual([
      ['find_symbol', 3, 1],
      ['list_files', 1, 0],
    ]);
    // A call that was refused says nothing of how long answers take.
    expect(figures.tools[0]?.latency.max).toBe(0.1);
  });

  test('[tools.usage-figures] tell the last 24 hours, and follow-ups of one caller within ten minutes', () => {
    const { usage, record, pass } = account();
    record({ tool: 'list_files' });
    record({ tool: 'find_symbol' });
    record({ tool: 'read_code_file', caller: 'b' });
    pass(10 * 60_000 + 1);
    record({ tool: 'list_files' });
    expect(usage.figures('all').sequences).toEqual([{ from: 'list_files', to: 'find_symbol', count: 1 }]);
    pass(23 * hourMs);
    record({});
    expect(usage.figures('all').hours.map(({ calls }) => calls)).toEqual([4, 1]);
    pass(hourMs);
    expect(usage.figures('all').hours.map(({ calls }) => calls)).toEqual([1]);
    expect(usage.figures('all').calls).toBe(5);
  });

  test('[tools.usage-scoped] of some codebases hold nothing of calls about others', () => {
    const { usage, record } = account();
    record({ tool: 'find_symbol', codebase: 'shop' });
    record({ tool: 'list_commits', codebase: 'secret', code: 'Internal' });
    record({ tool: 'list_files', codebase: 'shop' });
    record({ tool: 'read_code_file', codebase: 'shop' });
    record({ tool: 'get_configuration' });
    const figures = usage.figures(['shop']);
    expect(figures).toMatchObject({
      calls: 3,
      errors: 0,
      errorsByCode: [],
      codebases: [{ codebase: 'shop', calls: 3 }],
      sequences: [{ from: 'list_files', to: 'read_code_file', count: 1 }],
    });
    expect(JSON.stringify(figures)).not.toMatch(/secret|list_commits|get_configuration/);
    expect(usage.figures([])).toMatchObject({ calls: 0, tools: [], hours: [] });
    expect(usage.figures('all').calls).toBe(5);
  });

  test('[tools.usage-bounded] stay small however many callers, codebases and tools there are', () => {
    const { usage, record } = account();
    for (let i = 0; i < 20_000; i++)
      record({ caller: `caller ${i % 5000}`, codebase: `c${i % 1000}`, tool: `t${i % 60}` });
    const figures = usage.figures('all');
    expect(figures.calls).toBe(20_000);
    expect(figures.codebases).toHaveLength(200);
    expect(figures.sequences.length).toBeLessThanOrEqual(500);
    expect(JSON.stringify(figures)).not.toContain('caller ');
  });
});

/** Decides whether the examples of docs/tools.md are cut honestly, the same each time, and there for every tool. */
import { describe, expect, test } from 'vitest';
import { registry } from '../../server/src/tools/registry.ts';
import { exampleCalls } from './calls.ts';
import { callOf } from './run.ts';
import { shortened } from './shorten.ts';
import { steady } from './steady.ts';

describe('calls', () => {
  test.each(registry.map((tool) => [tool.name, tool] as const))(
    '[mcp.examples] %s has one that its schema takes',
    (_name, tool) => {
      expect(tool.input.safeParse(callOf(tool)).error).toBeUndefined();
    },
  );

  test('a tool without an example is named', () => {
    expect(() => callOf({ name: 'new_tool', description: 'Does something.' })).toThrow(/new_tool/);
  });

  test('no entry is left of a tool that went away', () => {
    const names = registry.map(({ name }) => name);
    expect(Object.keys(exampleCalls).filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('shortened', () => {
  test('leaves what fits as it is', () => {
    expect(JSON.parse(shortened({ a: [1, 2], b: 'x\ny', c: null }))).toEqual({ a: [1, 2], b: 'x\ny', c: null });
  });

  test('says how much of a list and of a text is left out', () => {
    const answer = { list: Array.from({ length: 100 }, (_, index) => ({ index })), text: 'line\n'.repeat(99) };
    const text = shortened(answer);
    expect(text).toMatch(/"… \d+ more"/);
    expect(text).toMatch(/… \(\d+ more lines\)/);
    expect(text.split('\n').length).toBeLessThanOrEqual(45);
  });

  test('one long line is cut, too', () => {
    expect(shortened({ text: 'x'.repeat(5000) })).toMatch(/… \(4600 more characters\)/);
  });
});

describe('steady', () => {
  test('a run over the full hour looks like any other', () => {
    const hours = [
      { hour: '2026-11-23T14:00:00.000Z', calls: 3, errors: 1 },
      { hour: '2026-11-23T15:00:00.000Z', calls: 4, errors: 0 },
    ];
    expect(steady({ hours }, [])).toEqual({ hours: [{ hour: '2026-03-02T09:00:00.000Z', calls: 7, errors: 1 }] });
  });

  test('fixes times, versions and places, and leaves what an answer means', () => {
    const answer = {
      took_ms: 3.14,
      latency_ms: { p50: 8, p99: 9 },
      seconds: 5,
      version: 'shop@g1-1a2b3c4d.7',
      index: { size_bytes: 123 },
      files: [{ path: '/tmp/x/shop', size_bytes: 10, date: '2026-01-12T09:30:00Z' }],
      message: 'Indexed 9 files in 3.7 seconds',
    };
    expect(steady(answer, [['/tmp/x/shop', '/app']])).toEqual({
      took_ms: 4,
      latency_ms: { p50: 4, p99: 4 },
      seconds: 0.2,
      version: 'shop@g1-5a17c0de.1',
      index: { size_bytes: 80_000 },
      files: [{ path: '/app', size_bytes: 10, date: '2026-01-12T09:30:00Z' }],
      message: 'Indexed 9 files in 0.2 seconds',
    });
  });
});

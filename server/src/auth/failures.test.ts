/** Decides whether a flood of refused requests makes a few lines of log. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createFailureLog } from './failures.ts';

test('the first refusal of a kind is told at once, the others once a minute as a count', () => {
  const lines: { level: number; reason: string; unsaid?: number }[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  let now = 0;
  const failures = createFailureLog(log, () => now);
  for (let i = 0; i < 1000; i++) failures.add('unknown');
  failures.add('expired');
  now = 60_000;
  failures.add('unknown');
  now = 60_001;
  failures.add('unknown');
  expect(lines.map(({ reason, unsaid }) => [reason, unsaid])).toEqual([
    ['unknown', undefined],
    ['expired', undefined],
    ['unknown', 999],
  ]);
});

test('clients that ask for the way to a token are no warning', () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  createFailureLog(log, () => 0).add('missing');
  expect(lines).toEqual([]);
});

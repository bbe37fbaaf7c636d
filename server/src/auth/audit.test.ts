/** Decides whether the audit log tells who did what, and never what must not be told. */
import { expect, test } from 'vitest';
import { authSchema } from '../contract.ts';
import { createLogger } from '../observability/logger.ts';
import type { ToolObservation } from '../tools/run.ts';
import { createAuditLog } from './audit.ts';

const call: ToolObservation = {
  tool: 'search_codebase',
  seconds: 0.0123456,
  outcome: 'ok',
  caller: 'alice',
  client: 'alice',
  codebase: 'shop',
  requestId: 'r-1',
  args: { codebase_path: 'shop', pattern: 'x' },
};

function record(
  audit: Partial<Parameters<typeof authSchema.parse>[0] & object>,
  calls: ToolObservation[],
  level = 'info',
) {
  const text: string[] = [];
  const logging = { level: level as 'info' | 'warn', format: 'json' as const };
  const settings = authSchema.parse({ audit }).audit;
  const log = createAuditLog(() => settings, createLogger(logging, { write: (line) => text.push(line) }));
  for (const one of calls) log.record(one);
  return text.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('[auth.audit] one line a call: who, what, where, how long, how it ended', () => {
  const [line] = record({}, [call]);
  expect(line).toEqual({
    level: 'info',
    time: expect.any(String),
    audit: true,
    caller: 'alice',
    tool: 'search_codebase',
    codebase: 'shop',
    ms: 12.346,
    outcome: 'ok',
    requestId: 'r-1',
    message: 'Tool call',
  });
});

test('[auth.audit] a failure is told by its code, an unnamed caller by the address', () => {
  const failed: ToolObservation = {
    ...call,
    caller: 'anonymous',
    client: '10.0.0.7',
    outcome: 'error',
    code: 'FileNotFound',
  };
  expect(record({}, [failed])[0]).toMatchObject({ caller: 'anonymous', client: '10.0.0.7', code: 'FileNotFound' });
});

test('[auth.audit] arguments are told only where asked for, with secrets masked and long texts cut', () => {
  const args = {
    query: 'q'.repeat(2000),
    api_key: 'sk-very-secret',
    nested: { password: 'hunter2', url: 'https://bob:pw@example.com/x' },
    many: Array.from({ length: 500 }, (_, index) => index),
  };
  expect(JSON.stringify(record({}, [{ ...call, args }]))).not.toContain('qqq');
  const [line] = record({ arguments: true }, [{ ...call, args }]);
  const text = JSON.stringify(line);
  expect(text).not.toMatch(/very-secret|hunter2|bob:pw/);
  expect(text.length).toBeLessThan(2000);
  expect(line?.arguments).toMatchObject({ api_key: '***', nested: { password: '***' }, query: `${'q'.repeat(500)}…` });
});

test('[auth.audit] it is off when switched off, and below the level of the log', () => {
  expect(record({ enabled: false }, [call])).toEqual([]);
  expect(record({}, [call], 'warn')).toEqual([]);
});

test('[auth.audit] a line costs microseconds, not more than ten times the plain line of a log', () => {
  const plain = createLogger({ level: 'info', format: 'json' }, { write: () => 0 });
  const settings = authSchema.parse({}).audit;
  const audit = createAuditLog(() => settings, plain);
  const time = (work: () => void) => {
    const startedAt = performance.now();
    for (let i = 0; i < 5000; i++) work();
    return performance.now() - startedAt;
  };
  const best = (work: () => void) => Math.min(...[1, 2, 3, 4, 5].map(() => time(work)));
  expect(best(() => audit.record(call))).toBeLessThan(10 * best(() => plain.info('Tool call')));
});

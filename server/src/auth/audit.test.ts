/** Decides whether the audit log tells who did what, and never what must not be told. */
import { expect, test } from 'vitest';
import { authSchema } from '../contract.ts';
import { batched } from '../observability/batched-output.ts';
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

/** The lines that these calls leave in the log. */
async function record(audit: object, calls: ToolObservation[], isOn = true): Promise<Record<string, unknown>[]> {
  let text = '';
  const settings = authSchema.parse({ audit }).audit;
  const output = { write: (lines: string) => (text += lines) };
  const log = createAuditLog({ settings: () => settings, isOn: () => isOn, format: 'json', output });
  for (const one of calls) log.record(one);
  await new Promise((resolve) => setImmediate(resolve));
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

test('[auth.audit] one line a call: who, what, where, how long, how it ended', async () => {
  const [line] = await record({}, [call]);
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

test('[auth.audit] a failure is told by its code, an unnamed caller by the address', async () => {
  const failed: ToolObservation = {
    ...call,
    caller: 'anonymous',
    client: '10.0.0.7',
    outcome: 'error',
    code: 'FileNotFound',
  };
  expect((await record({}, [failed]))[0]).toMatchObject({
    caller: 'anonymous',
    client: '10.0.0.7',
    code: 'FileNotFound',
  });
});

test('[auth.audit] arguments are told only where asked for, with secrets masked and long texts cut', async () => {
  const args = {
    query: 'q'.repeat(2000),
    api_key: 'sk-very-secret',
    nested: { password: 'hunter2', url: 'https://bob:pw@example.com/x' },
    many: Array.from({ length: 500 }, (_, index) => index),
  };
  expect(JSON.stringify(await record({}, [{ ...call, args }]))).not.toContain('qqq');
  const [line] = await record({ arguments: true }, [{ ...call, args }]);
  const text = JSON.stringify(line);
  expect(text).not.toMatch(/very-secret|hunter2|bob:pw/);
  expect(text.length).toBeLessThan(2000);
  expect(line?.arguments).toMatchObject({ api_key: '***', nested: { password: '***' }, query: `${'q'.repeat(500)}…` });
});

test('[auth.audit] it is off when switched off, and below the level of the log', async () => {
  expect(await record({ enabled: false }, [call])).toEqual([]);
  expect(await record({}, [call], false)).toEqual([]);
});

test('[auth.audit] calls of one turn are written together, in their order', async () => {
  const written: string[] = [];
  const settings = authSchema.parse({}).audit;
  const output = batched({ write: (lines: string) => written.push(lines) });
  const log = createAuditLog({ settings: () => settings, isOn: () => true, format: 'text', output });
  for (const tool of ['first', 'second', 'third']) log.record({ ...call, tool });
  expect(written).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toHaveLength(1);
  expect(written[0]).toMatch(/^INFO: Tool call .*tool=first .*\nINFO: .*tool=second .*\nINFO: .*tool=third .*\n$/);
});

/** Decides whether a contender's result, memory and failure reach the benchmark. */
import { expect, test } from 'vitest';
import { runContender } from './process.ts';

const node = (script: string, input?: unknown, limitSeconds?: number) =>
  runContender<unknown>(process.execPath, ['--input-type=module', '-e', script], { input, limitSeconds });

test('the last line is the result, made from what was written to its input', async () => {
  const script = `
    import { text } from 'node:stream/consumers';
    console.log('{"phase": "indexed"}');
    console.log(JSON.stringify({ doubled: JSON.parse(await text(process.stdin)) * 2 }));
    // A process that is gone before it was looked at has no memory.
    setTimeout(() => {}, 300);`;
  const { result, peakRssMb } = await node(script, 21);
  expect(result).toEqual({ doubled: 42 });
  expect(peakRssMb).toBeGreaterThan(0);
});

test('memory taken after the index was complete counts in the peak alone', async () => {
  const script = `
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    await wait(200);
    console.log('{"phase": "indexed"}');
    await wait(200);
    const held = Buffer.alloc(200e6, 1);
    await wait(500);
    console.log(JSON.stringify(held.length));`;
  const { indexingRssMb, peakRssMb } = await node(script);
  expect(peakRssMb - indexingRssMb).toBeGreaterThan(100);
});

test("the processor's time is that until the index was complete, that of ended children with it", async () => {
  const burn = 'const until = process.cpuUsage().user + 100_000; while (process.cpuUsage().user < until);';
  const script = `
    import { execFileSync } from 'node:child_process';
    execFileSync(process.execPath, ['-e', ${JSON.stringify(burn)}]);
    console.log('{"phase": "indexed"}');
    await new Promise((resolve) => setTimeout(resolve, 100));
    console.log('1');`;
  expect((await node(script)).indexingCpuSeconds).toBeGreaterThan(0.1);
});

test.each([
  ['that fails tells why', "console.error('no model'); process.exit(3);", /ended with 3:\nno model/],
  ['that says nothing has no result', '', /ended with 0/],
  ['that is no program is told', undefined, /ENOENT/],
])('a contender %s', async (_, script, expected) => {
  const running = script === undefined ? runContender('/nonexistent/contender', []) : node(script);
  await expect(running).rejects.toThrow(expected);
});

test('one that takes too long is ended', async () => {
  await expect(node('setInterval(() => {}, 1000);', undefined, 1)).rejects.toThrow(/ended with null/);
});

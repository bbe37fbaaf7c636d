import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { largestFunction, needsBaseline } from './baseline.ts';
import { type GrammarName, grammars } from './grammars.ts';

const { resolve } = createRequire(import.meta.url);
const bytesOf = (name: GrammarName): Uint8Array => readFileSync(resolve(grammars[name].file));

test('the largest function of a module is found', () => {
  // (module (func) (func (nop) (nop) (nop))): bodies of 2 and 5 bytes.
  const module = [
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 3, 2, 0, 0, 10, 10, 2, 2, 0, 0x0b, 5, 0, 1, 1, 1, 0x0b,
  ];
  expect(largestFunction(Uint8Array.from(module))).toBe(5);
  expect(largestFunction(Uint8Array.from(module.slice(0, 8)))).toBe(0);
});

test('grammars with huge lexers stay with the baseline compiler, the others are optimised', () => {
  const heavy = (Object.keys(grammars) as GrammarName[]).filter((name) => needsBaseline(bytesOf(name)));
  expect(heavy.sort()).toEqual(['bash', 'cpp', 'csharp', 'css', 'elixir', 'hcl', 'kotlin', 'ruby', 'swift']);
});

const own = JSON.stringify(import.meta.dirname);
/** Reads Bash and Swift for 1.2 s of the thread's own time. */
const work = `(async () => {
  const { readFileSync } = require('node:fs');
  const { SyntaxParser } = await import(${own} + '/parser.ts');
  const textOf = (name) => readFileSync(${own} + '/golden/sample.' + name + '.txt', 'utf8').repeat(4);
  const files = ['sh', 'swift'].map((name) => ['a.' + name, textOf(name)]);
  const parser = new SyntaxParser();
  const end = process.threadCpuUsage().user + 1_200_000;
  while (process.threadCpuUsage().user < end) for (const [path, text] of files) await parser.parse(path, text);
})()`;
/** Does it on two threads and prints the process's peak memory in megabytes. */
const script = `
  const { Worker } = require('node:worker_threads');
  const other = new Worker(${JSON.stringify(work)}, { eval: true, execArgv: [] });
  const ended = new Promise((resolve, reject) => other.on('exit', resolve).on('error', reject));
  Promise.all([${work}, ended]).then(() => console.log(process.resourceUsage().maxRSS / 1024));
`;

test('two threads that read Bash and Swift, whose grammars took 2 GB when optimised, keep the process small', async () => {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--eval', script], { timeout: 90_000 });
  expect(Number(stdout)).toBeGreaterThan(50);
  expect(Number(stdout)).toBeLessThan(350);
}, 100_000);

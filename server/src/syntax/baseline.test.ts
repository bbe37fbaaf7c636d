import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
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

/** Reads one language for a while in a process of its own; prints its peak memory in megabytes. */
const script = (extension: string, milliseconds: number): string => `
  import { readFileSync } from 'node:fs';
  import { SyntaxParser } from ${JSON.stringify(join(import.meta.dirname, 'parser.ts'))};
  const text = readFileSync(${JSON.stringify(join(import.meta.dirname, 'golden'))} + '/sample.${extension}.txt', 'utf8').repeat(4);
  const parser = new SyntaxParser();
  const end = process.cpuUsage().user + ${milliseconds * 1000};
  while (process.cpuUsage().user < end) await parser.parse('a.${extension}', text);
  console.log(process.resourceUsage().maxRSS / 1024);
`;

test('reading Bash, whose grammar took 600 MB when optimised, keeps the process small', async () => {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script('sh', 3_000)], {
    timeout: 60_000,
  });
  expect(Number(stdout)).toBeLessThan(250);
}, 60_000);

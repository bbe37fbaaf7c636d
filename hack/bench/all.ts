/** Decides how benchmarks are run one after another and recorded: docs/benchmarks.jsonl, and from it the tables of docs/benchmarks.md. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { repository } from '../cluster/cache.ts';
import { readRecords, recordSchema, tablesOf, withRecord, withTables } from './page.ts';

const pagePath = join(repository, 'docs', 'benchmarks.md');
const recordsPath = join(repository, 'docs', 'benchmarks.jsonl');

/** Every benchmark has a command without an extension. */
const benchmarks = readdirSync(import.meta.dirname)
  .filter((name) => /^[a-z]+$/.test(name) && name !== 'all')
  .filter((name) => readdirSync(import.meta.dirname).includes(`${name}.ts`));

/** Runs one benchmark, passing on what it prints, and returns its last line. */
async function run(name: string): Promise<unknown> {
  process.stdout.write(`\n== ${name}\n`);
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    process.stdout.write(`${line}\n`);
    last = line;
  }
  const code = await ended;
  if (code !== 0) throw new Error(`hack/bench/${name} ended with ${code}`);
  return JSON.parse(last);
}

function writePage(): void {
  const records = readRecords(readFileSync(recordsPath, 'utf8'));
  writeFileSync(pagePath, withTables(readFileSync(pagePath, 'utf8'), tablesOf(records)));
}

await new Command('hack/bench/all')
  .description(
    'Runs benchmarks one after another, records their last lines and writes the tables of docs/benchmarks.md.',
  )
  .argument('[names...]', `which ones: ${benchmarks.join(', ')}; all without a name`)
  .option('--write', 'run nothing; write the tables from docs/benchmarks.jsonl')
  .action(async (names: string[], { write }: { write?: boolean }) => {
    const unknown = names.find((name) => !benchmarks.includes(name));
    if (unknown !== undefined) throw new Error(`There is no benchmark ${unknown}; there are ${benchmarks.join(', ')}.`);
    const chosen = write === true ? [] : names.length > 0 ? names : benchmarks;
    for (const name of chosen) {
      const measured = new Date().toISOString().slice(0, 10);
      const record = recordSchema.parse({ measured, ...((await run(name)) as object) });
      const records = withRecord(readRecords(readFileSync(recordsPath, 'utf8')), record);
      writeFileSync(recordsPath, records.map((each) => `${JSON.stringify(each)}\n`).join(''));
    }
    writePage();
    process.stdout.write('\nwrote docs/benchmarks.jsonl and the tables of docs/benchmarks.md\n');
  })
  .parseAsync();

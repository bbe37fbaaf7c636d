/** Measures how fast files are read as syntax on one thread, and what the time goes to: `node hack/bench/syntax.ts [--root DIR] [--files N]`. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { Engine, parseUntil } from '../../server/src/syntax/engine.ts';
import { readerOf } from '../../server/src/syntax/language.ts';
import { defaultSyntaxLimits, SyntaxParser } from '../../server/src/syntax/parser.ts';
import type { Syntax } from '../../server/src/syntax/types.ts';

const mebibyte = 1024 * 1024;
/** What the indexer takes at most, and what it leaves out as generated. */
const maxFileSize = mebibyte;
const generated = /^\/\/ Code generated .* DO NOT EDIT|@generated\b/m;
const generatedRead = 2_000;

/** Texts are read again when they are needed, so that the peak memory is the reader's. */
type File = { path: string; absolute: string; length: number; isGenerated: boolean };
/** `processor` is the thread's own time, which other load on the machine lengthens less than the clock's. */
type Tally = { files: number; bytes: number; milliseconds: number; processor: number; problems: number };
type Counts = Record<'symbols' | 'references' | 'imports' | 'borders', number>;

function kubernetesModule(): string {
  const cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
  return join(cache, 'k8s.io', 'kubernetes@v1.36.3');
}

/** All files that some reader takes, in a fixed order. */
async function readFiles(root: string, limit: number): Promise<File[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: File[] = [];
  for (const path of paths.sort()) {
    if (files.length >= limit) break;
    if ((await stat(path)).size > maxFileSize) continue;
    const text = readFileSync(path, 'utf8');
    const name = relative(root, path);
    if (text.includes('\0') || 'none' in readerOf(name, text)) continue;
    files.push({
      path: name,
      absolute: path,
      length: text.length,
      isGenerated: generated.test(text.slice(0, generatedRead)),
    });
  }
  return files;
}

/** Milliseconds of the clock and of this thread's processor time since some moment. */
type Moment = { clock: number; processor: number };

function now(): Moment {
  const { user, system } = process.threadCpuUsage();
  return { clock: performance.now(), processor: (user + system) / 1000 };
}

function since(start: Moment): Moment {
  const end = now();
  return { clock: end.clock - start.clock, processor: end.processor - start.processor };
}

function add(tallies: Map<string, Tally>, key: string, file: File, spent: Moment, syntax: Syntax): void {
  const tally = tallies.get(key) ?? { files: 0, bytes: 0, milliseconds: 0, processor: 0, problems: 0 };
  tally.files++;
  tally.bytes += file.length;
  tally.milliseconds += spent.clock;
  tally.processor += spent.processor;
  if (syntax.problem !== undefined) tally.problems++;
  tallies.set(key, tally);
}

/** Processor time that parsing alone takes for the files that have a grammar. */
async function parseAlone(files: File[]): Promise<number> {
  const engine = await Engine.create();
  let processor = 0;
  for (const file of files) {
    const text = readFileSync(file.absolute, 'utf8');
    const reader = readerOf(file.path, text);
    if (!('grammar' in reader)) continue;
    const { parser } = await engine.load(reader.grammar);
    const start = now();
    parseUntil(parser, text, Number.POSITIVE_INFINITY, () => 0)?.delete();
    processor += since(start).processor;
  }
  engine.dispose();
  return processor;
}

const row = (cells: (string | number)[]): string => `| ${cells.join(' | ')} |`;
const perSecond = (amount: number, milliseconds: number): number => (amount / milliseconds) * 1000;

function print(tallies: Map<string, Tally>): void {
  console.log(row(['what', 'files', 'MB', 'ms', 'files/s', 'CPU ms', 'files/CPU s', 'MB/CPU s', 'problems']));
  console.log(row(['---', ...Array.from({ length: 8 }, () => '---:')]));
  for (const [key, tally] of tallies) {
    const megabytes = tally.bytes / 1e6;
    const clock = [tally.milliseconds.toFixed(0), perSecond(tally.files, tally.milliseconds).toFixed(0)];
    const processor = [tally.processor.toFixed(0), perSecond(tally.files, tally.processor).toFixed(0)];
    console.log(
      row([
        key,
        tally.files,
        megabytes.toFixed(1),
        ...clock,
        ...processor,
        perSecond(megabytes, tally.processor).toFixed(1),
        tally.problems,
      ]),
    );
  }
}

async function measure(files: File[]): Promise<{ tallies: Map<string, Tally>; counts: Counts; restarts: number }> {
  const parser = new SyntaxParser();
  const tallies = new Map<string, Tally>();
  const counts: Counts = { symbols: 0, references: 0, imports: 0, borders: 0 };
  for (const file of files) {
    const text = readFileSync(file.absolute, 'utf8');
    const start = now();
    const syntax = await parser.parse(file.path, text);
    const spent = since(start);
    add(tallies, 'all', file, spent, syntax);
    add(tallies, file.isGenerated ? 'generated code' : 'written by hand', file, spent, syntax);
    add(tallies, syntax.language, file, spent, syntax);
    for (const key of Object.keys(counts) as (keyof Counts)[]) counts[key] += syntax[key].length;
  }
  const { restarts } = parser;
  await parser.dispose();
  return { tallies, counts, restarts };
}

async function main(options: { root?: string; files: string }): Promise<void> {
  const root = options.root ?? kubernetesModule();
  const files = await readFiles(root, Number(options.files));
  const { tallies, counts, restarts } = await measure(files);
  const peak = process.resourceUsage().maxRSS / 1024;
  const parsing = await parseAlone(files);
  const all = tallies.get('all');
  const written = tallies.get('written by hand');
  if (all === undefined) throw new Error(`no file under ${root} has a reader`);
  print(tallies);
  console.log(
    `\nparsing alone ${parsing.toFixed(0)} CPU ms (${((100 * parsing) / all.processor).toFixed(0)} %); ` +
      `peak RSS ${peak.toFixed(0)} MB; ` +
      `parser made anew ${restarts} times (limit ${defaultSyntaxLimits.maxHeapBytes / mebibyte} MiB); found ${JSON.stringify(counts)}`,
  );
  const figures = {
    files: all.files,
    files_per_second: perSecond(all.files, all.milliseconds),
    files_per_cpu_second: perSecond(all.files, all.processor),
    written_files_per_cpu_second: written === undefined ? 0 : perSecond(written.files, written.processor),
    megabytes_per_cpu_second: perSecond(all.bytes / 1e6, all.processor),
    parse_share: parsing / all.processor,
    peak_rss_mb: peak,
  };
  const machine = { cores: cpus().length, memory: totalmem() };
  console.log(JSON.stringify({ bench: 'syntax', machine, figures }));
}

const program = new Command('syntax')
  .description(
    'Reads every file of a tree as syntax on one thread. Default: the Kubernetes module in the Go module cache.',
  )
  .option('--root <directory>', 'the tree to read')
  .option('--files <count>', 'at most so many files', '1000000')
  .action(main);
await program.parseAsync();

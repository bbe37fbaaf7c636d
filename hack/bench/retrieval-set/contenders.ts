/** Decides who is asked the questions, and in which form the answer counts: the paths of the first files. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { serverConfigSchema } from '../../../server/src/contract.ts';
import type { Engine, SearchMode } from '../../../server/src/engine.ts';
import { createEngine } from '../../../server/src/index/engine.ts';
import { rankWithSemble } from '../contenders/semble.ts';
import { filesOf, PlainSearch } from './plain-search.ts';
import type { PreparedPackage } from './prepare.ts';

/** Files found, by package and question. */
export type Findings = string[][][];

/** Passages that hold ten files in any case that was seen. */
const passages = 100;
const files = 10;

/** Runs `use` with an engine that has indexed each package as a codebase named by its number, as a server does. */
export async function withEngine<T>(all: readonly PreparedPackage[], use: (engine: Engine) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'codesage-bench-'));
  const sources = all.map(({ tree }, i) => ({ name: nameOf(i), path: tree }));
  const config = serverConfigSchema.parse({ sources });
  const log = pino({ level: 'warn' }, pino.destination(2));
  const engine = createEngine({ config, dataDir, log, clock: Date.now, background: false });
  try {
    await engine.start();
    for (const { name } of sources) await engine.indexCodebase(name, { full: false });
    return await use(engine);
  } finally {
    await engine.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const nameOf = (index: number): string => `corpus-${index}`;

/** How our engine is asked: `raw` is a search's own order, without any other signal. */
export type Way = { mode: SearchMode; raw: boolean };

/** Asks our engine in one of these ways. */
export async function askEngine(engine: Engine, all: readonly PreparedPackage[], way: Way): Promise<Findings> {
  const findings: Findings = [];
  for (const [i, { questions }] of all.entries()) {
    const found: string[][] = [];
    for (const { text } of questions) {
      const request = { query: text, codebases: [nameOf(i)], topK: passages, ...way };
      const { hits } = await engine.semanticSearch(request);
      found.push(filesOf(hits.map(({ path }) => path)).slice(0, files));
    }
    findings.push(found);
  }
  return findings;
}

/** Asks what knows nothing but words: BM25 over whole words, and counted lines. */
export function askPlain(all: readonly PreparedPackage[]): { bm25: Findings; lines: Findings } {
  const bm25: Findings = [];
  const lines: Findings = [];
  for (const { tree, paths, questions } of all) {
    const plain = new PlainSearch(paths.map((path) => ({ path, text: readFileSync(join(tree, path), 'utf8') })));
    bm25.push(questions.map(({ text }) => plain.byBm25(text).slice(0, files)));
    lines.push(questions.map(({ text }) => plain.byLineCount(text).slice(0, files)));
  }
  return { bm25, lines };
}

/** Asks semble, which ranks our vectors in its own way. */
export function askSemble(all: readonly PreparedPackage[]): Promise<Findings> {
  return rankWithSemble(all.map(({ tree, questions }) => ({ tree, questions: questions.map(({ text }) => text) })));
}

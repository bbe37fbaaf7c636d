/** Decides how well searches find the right file: questions about real packages, asked of our engine and of what one would use instead. */
import { Command } from 'commander';
import { printReport } from './report.ts';
import { readAsked } from './retrieval-set/asked.ts';
import { askEngine, askPlain, askSemble, type Findings, withEngine } from './retrieval-set/contenders.ts';
import { packages } from './retrieval-set/packages.ts';
import { type PreparedPackage, preparePackage } from './retrieval-set/prepare.ts';
import { figuresOf, scoreAll, tablesOf } from './retrieval-set/scores.ts';

const say = (text: string) => process.stderr.write(`… ${text}\n`);

/** Every package whose registry is reached; the others are named, and missing. */
async function prepareAll(languages: readonly string[]): Promise<PreparedPackage[]> {
  const asked = readAsked();
  const prepared: PreparedPackage[] = [];
  for (const wanted of packages) {
    if (languages.length > 0 && !languages.includes(wanted.language)) continue;
    try {
      prepared.push(await preparePackage(wanted, asked.get(wanted.name) ?? []));
    } catch (error) {
      say(
        `without ${wanted.name}: ${error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : error}`,
      );
    }
  }
  return prepared;
}

async function main(languages: string[], { semble }: { semble: boolean }): Promise<void> {
  const prepared = await prepareAll(languages);
  if (prepared.length === 0) throw new Error('No package could be prepared: is a registry reached?');
  say(`${prepared.length} packages, ${prepared.reduce((sum, { questions }) => sum + questions.length, 0)} questions`);
  const findings: Record<string, Findings> = {};
  await withEngine(prepared, async (engine) => {
    for (const mode of ['fused', 'bm25', 'vector'] as const) {
      say(`ask the engine: ${mode}`);
      findings[mode] = await askEngine(engine, prepared, mode);
    }
  });
  say('ask by words alone');
  const plain = askPlain(prepared);
  findings['plain BM25'] = plain.bm25;
  findings['counted lines'] = plain.lines;
  if (semble) {
    say('ask semble');
    findings.semble = await askSemble(prepared);
  }
  const scores = scoreAll(prepared, findings);
  const figures = figuresOf(scores, {
    fused: 'retrieval.ndcg10',
    bm25: 'retrieval.ndcg10_bm25',
    vector: 'retrieval.ndcg10_vector',
    'plain BM25': 'retrieval.ndcg10_plain',
    ...(semble && { semble: 'retrieval.ndcg10_semble' }),
  });
  printReport(
    'retrieval',
    { 'retrieval.packages': prepared.length, ...figures },
    tablesOf(scores, Object.keys(findings)),
  );
}

await new Command('hack/bench/retrieval')
  .description('NDCG@10 on files, by language, of questions about published packages, which are fetched at first use.')
  .argument('[languages...]', 'only these, for example: typescript go')
  .option('--check', 'fail where a target is missed')
  .option('--no-semble', 'leave out semble, which takes the longest')
  .action(main)
  .parseAsync();

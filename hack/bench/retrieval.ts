/** Decides how well searches find the right file: questions about real packages, asked of our engine and of what one would use instead. */
import { Command } from 'commander';
import { printReport } from './report.ts';
import { readAsked } from './retrieval-set/asked.ts';
import { askEngine, askPlain, askSemble, type Findings, type Way, withEngine } from './retrieval-set/contenders.ts';
import type { Question } from './retrieval-set/corpus.ts';
import { packages } from './retrieval-set/packages.ts';
import { type PreparedPackage, preparePackage } from './retrieval-set/prepare.ts';
import { figuresOf, scoreAll, tablesOf } from './retrieval-set/scores.ts';

/** Alone: in the order of that search. Without: with all signals but those of the other search. */
const ways: Readonly<Record<string, Way>> = {
  fused: { mode: 'fused', raw: false },
  'BM25 alone': { mode: 'bm25', raw: true },
  'vectors alone': { mode: 'vector', raw: true },
  'without vectors': { mode: 'bm25', raw: false },
  'without BM25': { mode: 'vector', raw: false },
};

const say = (text: string) => process.stderr.write(`… ${text}\n`);

/** Every package whose registry is reached; the others are named, and missing. */
async function prepareAll(languages: readonly string[], most: number): Promise<PreparedPackage[]> {
  const asked = readAsked();
  const prepared: PreparedPackage[] = [];
  for (const wanted of packages) {
    if (languages.length > 0 && !languages.includes(wanted.language)) continue;
    try {
      const whole = await preparePackage(
        wanted,
        asked.get(wanted.name) ?? asked.get(`${wanted.name}@${wanted.version}`) ?? [],
      );
      prepared.push({ ...whole, questions: firstOfEachSet(whole.questions, most) });
    } catch (error) {
      say(
        `without ${wanted.name}: ${error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : error}`,
      );
    }
  }
  return prepared;
}

/** Questions by hand all count; of the others, the first ones of each set: they are in the order of a hash. */
function firstOfEachSet(questions: readonly Question[], most: number): Question[] {
  const sets = Map.groupBy(questions, ({ set }) => set);
  return [...sets].flatMap(([set, of]) => (set === 'asked' ? of : of.slice(0, most)));
}

async function main(languages: string[], options: { semble: boolean; questions: string }): Promise<void> {
  const { semble } = options;
  const prepared = await prepareAll(languages, Number(options.questions));
  if (prepared.length === 0) throw new Error('No package could be prepared: is a registry reached?');
  say(`${prepared.length} packages, ${prepared.reduce((sum, { questions }) => sum + questions.length, 0)} questions`);
  const findings: Record<string, Findings> = {};
  await withEngine(prepared, async (engine) => {
    for (const [name, way] of Object.entries(ways)) {
      say(`ask the engine: ${name}`);
      findings[name] = await askEngine(engine, prepared, way);
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
    'BM25 alone': 'retrieval.ndcg10_bm25',
    'vectors alone': 'retrieval.ndcg10_vector',
    'without vectors': 'retrieval.ndcg10_without_vectors',
    'without BM25': 'retrieval.ndcg10_without_bm25',
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
  .option('--questions <count>', 'at most so many of a package in each set', '20')
  .option('--no-semble', 'leave out semble, which takes the longest')
  .action(main)
  .parseAsync();

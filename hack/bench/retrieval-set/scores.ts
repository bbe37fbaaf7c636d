/** Decides which means over the questions make the tables and the figures. */
import type { Figures } from '../report.ts';
import type { Table } from '../table.ts';
import type { Findings } from './contenders.ts';
import { type QuestionSet, questionSets } from './corpus.ts';
import { mean, ndcg10, recall10 } from './measures.ts';
import type { Part } from './packages.ts';
import type { PreparedPackage } from './prepare.ts';

/** NDCG@10 and recall@10 of one question, by contender. */
export type Score = {
  part: Part;
  language: string;
  set: QuestionSet;
  ndcg: Record<string, number>;
  recall: Record<string, number>;
};

export function scoreAll(all: readonly PreparedPackage[], findings: Readonly<Record<string, Findings>>): Score[] {
  return all.flatMap(({ part, questions, package: { language } }, p) =>
    questions.map(({ set, relevant }, q): Score => {
      const measured = (measure: typeof ndcg10) =>
        Object.fromEntries(
          Object.entries(findings).map(([contender, found]) => [contender, measure(found[p]?.[q] ?? [], relevant)]),
        );
      return { part, language, set, ndcg: measured(ndcg10), recall: measured(recall10) };
    }),
  );
}

const fewest = 50;

/** NDCG@10 of each contender over some of the scores. */
function rowOf(name: string, scores: readonly Score[], contenders: readonly string[]): (string | number)[] {
  const figures = contenders.map((contender) => mean(scores.map(({ ndcg }) => ndcg[contender] ?? 0)));
  return [name, scores.length, ...figures, mean(scores.map(({ recall }) => recall[contenders[0] ?? ''] ?? 0))];
}

const bySize = (a: readonly [string, readonly Score[]], b: readonly [string, readonly Score[]]) =>
  b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1);

/** By set and part, and by language over the packages that are held out. */
export function tablesOf(scores: readonly Score[], contenders: readonly string[]): Table[] {
  const columns = [...contenders, `recall@10 of ${contenders[0]}`];
  const heldOut = scores.filter(({ part }) => part === 'held-out');
  const sets = (['held-out', 'train'] as const).flatMap((part) => [
    ...questionSets.map((set) => ({
      name: `${part}: ${set}`,
      of: scores.filter((s) => s.part === part && s.set === set),
    })),
    { name: `${part}: all`, of: scores.filter((s) => s.part === part) },
  ]);
  const languages = [...Map.groupBy(heldOut, ({ language }) => language)]
    .filter(([, of]) => of.length >= fewest)
    .sort(bySize);
  return [
    {
      name: 'retrieval',
      columns: ['questions', 'count', ...columns],
      rows: sets.filter(({ of }) => of.length > 0).map(({ name, of }) => rowOf(name, of, contenders)),
    },
    {
      name: 'retrieval-languages',
      columns: ['language', 'count', ...columns],
      rows: languages.map(([language, of]) => rowOf(language, of, contenders)),
    },
  ];
}

/** The figures that targets are about: means over the packages that are held out. */
export function figuresOf(scores: readonly Score[], contenders: Readonly<Record<string, string>>): Figures {
  const heldOut = scores.filter(({ part }) => part === 'held-out');
  const figures = Object.entries(contenders).map(([contender, figure]): [string, number] => [
    figure,
    mean(heldOut.map(({ ndcg }) => ndcg[contender] ?? 0)),
  ]);
  return { 'retrieval.questions': heldOut.length, ...Object.fromEntries(figures) };
}

/** Decides how a package becomes a tree to index and questions to ask, made once for each form of the rules. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { SyntaxParser } from '../../../server/src/syntax/parser.ts';
import { hashOfFiles, madeOnce } from '../../cluster/cache.ts';
import { type AskedQuestion, pathsOf } from './asked.ts';
import { type Question, questionSets, readCorpus } from './corpus.ts';
import { corpusRoot, fetchPackage, folderName } from './fetch.ts';
import { type CorpusPackage, type Part, partOf } from './packages.ts';

const preparedSchema = z.object({
  paths: z.array(z.string()),
  questions: z.array(
    z.object({ set: z.enum(questionSets), text: z.string(), relevant: z.array(z.string()), language: z.string() }),
  ),
});

/** A tree with the questions about it. */
export type PreparedPackage = {
  package: CorpusPackage;
  part: Part;
  tree: string;
  paths: string[];
  questions: Question[];
};

/** Brings in a package and takes the questions out of its comments. Throws what its client said. */
export async function preparePackage(wanted: CorpusPackage, asked: readonly AskedQuestion[]): Promise<PreparedPackage> {
  const rules = await hashOfFiles(import.meta.dirname, ['corpus.ts', 'sentences.ts']);
  const root = await fetchPackage(wanted);
  const folder = await madeOnce(join(corpusRoot(), `prepared-${rules}`, folderName(wanted)), async (temporary) => {
    const parser = new SyntaxParser();
    const { files, questions } = await readCorpus(root, wanted.language, parser);
    await parser.dispose();
    for (const { path, text } of files) {
      const file = join(temporary, 'tree', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const paths = files.map(({ path }) => path);
    writeFileSync(join(temporary, 'questions.json'), JSON.stringify({ paths, questions }));
  });
  const { paths, questions } = preparedSchema.parse(JSON.parse(readFileSync(join(folder, 'questions.json'), 'utf8')));
  const byHand = asked.map((question): Question => {
    return { set: 'asked', text: question.text, relevant: pathsOf(question, paths), language: wanted.language };
  });
  return {
    package: wanted,
    part: partOf(wanted),
    tree: join(folder, 'tree'),
    paths,
    questions: [...byHand, ...questions],
  };
}

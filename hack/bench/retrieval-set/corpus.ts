/** Decides what is indexed of a package and what is asked about it: doc comments become questions and leave the files. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipReasonOfText } from '../../../server/src/sources/file-rules.ts';
import { scanTree } from '../../../server/src/sources/scan.ts';
import { decodeText } from '../../../server/src/sources/text-encoding.ts';
import type { SyntaxParser } from '../../../server/src/syntax/parser.ts';
import type { SymbolDefinition, Syntax } from '../../../server/src/syntax/types.ts';
import { isQuestion, plainSentence, withoutName } from './sentences.ts';

/**
 * What a question is made from: `asked` by hand, `worded` the sentence of a doc comment, `unnamed` that without the name
 * of what it describes, `symbol` a bare name.
 */
export const questionSets = ['asked', 'worded', 'unnamed', 'symbol'] as const;
export type QuestionSet = (typeof questionSets)[number];

/** `relevant`: paths of the files that answer it, all of them equally. */
export type Question = { set: QuestionSet; text: string; relevant: string[]; language: string };
export type CorpusFile = { path: string; text: string; syntax: Syntax };
export type Corpus = { files: CorpusFile[]; questions: Question[] };

const maxFileSize = 1024 * 1024;
/** Most questions of a set from one package, so that large ones do not speak for their language. */
const questionsPerPackage = 40;
const perFile = 3;
const maxRelevant = 5;
const minNameLength = 4;

/** What nobody asks for by a question about the code: tests, examples, and what a build made. */
const aside =
  /(?:^|\/)(?:tests?|__tests__|spec|specs|testing|testdata|fixtures|examples?|samples?|demos?|benchmarks?|bench|docs?|dist|build|vendor|third_party|deps|node_modules|debian)(?:\/|$)|[._-](?:test|spec)s?\.\w+$|(?:^|\/)test_[^/]*$|Tests?\.\w+$|\.(?:min|umd|cjs|esm|bundle)\.\w+$/i;
const named = new Set([
  'function',
  'method',
  'class',
  'struct',
  'interface',
  'trait',
  'enum',
  'type',
  'macro',
  'constant',
]);
const prose = new Set(['markdown', 'html', 'css', 'json', 'yaml', 'toml', 'xml', 'text', 'hcl', 'sql', 'dockerfile']);

const orderOf = (text: string): string => createHash('sha256').update(text).digest('hex');

type Documented = { file: CorpusFile; symbol: SymbolDefinition; sentence: string };

/** What a published package has and a repository has not: the output of its build. */
const builtFiles: Readonly<Record<string, string[]>> = {
  typescript: ['**/*.js', '**/*.mjs', '**/*.cjs', '**/*.d.ts', '**/*.d.mts', '**/*.d.cts', '**/*.map', '**/dist/**'],
  javascript: ['**/dist/**', '**/build/**', '**/*.map', '**/*.min.js', '**/*.cjs'],
};

async function readFiles(root: string, language: string, parser: SyntaxParser): Promise<CorpusFile[]> {
  const files: CorpusFile[] = [];
  const exclude = builtFiles[language] ?? [];
  for (const { path } of scanTree(root, { include: [], exclude, maxFileSizeBytes: maxFileSize }).files) {
    const text = decodeText(readFileSync(join(root, path)));
    if (text === undefined) continue;
    const syntax = await parser.parse(path, text);
    if (skipReasonOfText(text, path, syntax.language) === undefined) files.push({ path, text, syntax });
  }
  return files;
}

/** Symbols with a doc comment on lines of its own that makes a question. */
function documented(file: CorpusFile): Documented[] {
  if (aside.test(file.path) || prose.has(file.syntax.language)) return [];
  const lines = file.text.split('\n');
  return file.syntax.symbols.flatMap((symbol) => {
    const doc = symbol.docComment;
    if (doc === undefined || !named.has(symbol.kind)) return [];
    const alone = doc.endLine < symbol.startLine || doc.startLine > symbol.nameLine;
    const closed = !/\b(?:return|pass)\b/.test(lines[doc.endLine - 1] ?? '') || doc.endLine > doc.startLine;
    const sentence = plainSentence(doc.sentence);
    return alone && closed && isQuestion(sentence) ? [{ file, symbol, sentence }] : [];
  });
}

/** Files that hold the same text, however they are named. */
function copiesOf(files: readonly CorpusFile[]): (path: string) => string[] {
  const byText = new Map<string, string[]>();
  for (const { path, text } of files) byText.set(text, [...(byText.get(text) ?? []), path]);
  const byPath = new Map([...byText.values()].flatMap((paths) => paths.map((path) => [path, paths] as const)));
  return (path) => byPath.get(path) ?? [path];
}

function docQuestions(files: readonly CorpusFile[], remove: Map<string, Set<number>>): Question[] {
  const copies = copiesOf(files);
  const groups = Map.groupBy(files.flatMap(documented), ({ sentence }) => sentence);
  const taken = new Map<string, number>();
  const questions: Question[] = [];
  for (const sentence of [...groups.keys()].sort((a, b) => orderOf(a).localeCompare(orderOf(b)))) {
    if (questions.filter(({ set }) => set === 'worded').length >= questionsPerPackage) break;
    const group = groups.get(sentence) ?? [];
    const [first] = group;
    const relevant = [...new Set(group.flatMap(({ file }) => copies(file.path)))];
    // The same words about different things ask for none of them.
    if (first === undefined || new Set(group.map(({ symbol }) => symbol.name)).size > 1) continue;
    if (relevant.length > maxRelevant || (taken.get(first.file.path) ?? 0) >= perFile) continue;
    taken.set(first.file.path, (taken.get(first.file.path) ?? 0) + 1);
    const { language } = first.file.syntax;
    questions.push({ set: 'worded', text: sentence, relevant, language });
    const unnamed = withoutName(sentence, first.symbol.name);
    if (isQuestion(unnamed)) questions.push({ set: 'unnamed', text: unnamed, relevant, language });
    for (const { file, symbol } of group) {
      for (const path of copies(file.path)) addLines(remove, path, symbol);
    }
  }
  return questions;
}

function addLines(remove: Map<string, Set<number>>, path: string, { docComment }: SymbolDefinition): void {
  if (docComment === undefined) return;
  const lines = remove.get(path) ?? new Set();
  for (let line = docComment.startLine; line <= docComment.endLine; line++) lines.add(line);
  remove.set(path, lines);
}

/** Bare names, each for all the files that define it. */
function symbolQuestions(files: readonly CorpusFile[]): Question[] {
  const byName = new Map<string, { paths: Set<string>; language: string }>();
  for (const { path, syntax } of files) {
    if (aside.test(path) || prose.has(syntax.language)) continue;
    for (const { name, kind } of syntax.symbols) {
      if (!named.has(kind) || name.length < minNameLength || !/^[A-Za-z_]\w*$/.test(name)) continue;
      const known = byName.get(name) ?? { paths: new Set(), language: syntax.language };
      known.paths.add(path);
      byName.set(name, known);
    }
  }
  return [...byName]
    .filter(([, { paths }]) => paths.size <= 3)
    .sort(([a], [b]) => orderOf(a).localeCompare(orderOf(b)))
    .slice(0, questionsPerPackage)
    .map(([text, { paths, language }]) => ({ set: 'symbol', text, relevant: [...paths], language }));
}

/** Text without the given lines. */
function withoutLines(text: string, lines: ReadonlySet<number>): string {
  return text
    .split('\n')
    .filter((_, i) => !lines.has(i + 1))
    .join('\n');
}

/** Reads a package; the comments that became questions are gone from the texts of its files, whose syntax is that of before. */
export async function readCorpus(root: string, language: string, parser: SyntaxParser): Promise<Corpus> {
  const files = await readFiles(root, language, parser);
  const remove = new Map<string, Set<number>>();
  const questions = [...docQuestions(files, remove), ...symbolQuestions(files)];
  for (const file of files) {
    const lines = remove.get(file.path);
    if (lines !== undefined) file.text = withoutLines(file.text, lines);
  }
  return { files, questions };
}

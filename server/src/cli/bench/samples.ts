/** Decides what a benchmark asks a server for: arguments for each tool, made from what the server itself holds. */
import type { ListedTool } from '../rpc.ts';

/** Things that exist in the server: names of codebases, paths, words of code, sentences of its comments. */
export type Samples = {
  codebases: string[];
  /** Codebases of which there are commits. */
  histories: string[];
  files: string[];
  words: string[];
  questions: string[];
};

/** A line that a search found. */
export type FoundLine = { file_path: string; line_content: string };

/** Finds comments of several words, and functions at the start of a line, in most languages. */
export const commentPattern = String.raw`^\s*(//|#|\*|--) ?[A-Z]?[a-z]+( [a-z]+){3,}`;
export const definitionPattern = String.raw`^\s*((export|default|async|pub|public|private|static) +)*(func|function|def|fn) +[A-Za-z_]\w{3,}`;

const definedName = /\b(?:func|function|def|fn) +([A-Za-z_]\w{3,})/;

/**
 * Samples from found comments and functions. The nth file defines the nth word, so that a tool that takes both gets what
 * belongs together. What a small codebase lacks is made up.
 */
export function samplesFrom(
  codebases: readonly string[],
  comments: readonly FoundLine[],
  functions: readonly FoundLine[],
  histories: readonly string[] = [],
): Samples {
  const questions = comments.map(({ line_content }) =>
    line_content
      .replace(/^\s*\W+/, '')
      .slice(0, 120)
      .trim(),
  );
  const fileByName = new Map<string, string>();
  for (const { file_path, line_content } of functions) {
    const name = definedName.exec(line_content)?.[1];
    if (name !== undefined && !fileByName.has(name)) fileByName.set(name, file_path);
  }
  const isEmpty = fileByName.size === 0;
  return {
    codebases: [...codebases],
    histories: [...histories],
    files: isEmpty ? [...new Set(comments.map(({ file_path }) => file_path))] : [...fileByName.values()],
    words: isEmpty ? ['main'] : [...fileByName.keys()],
    questions:
      questions.length > 0 ? [...new Set(questions)] : ['where is the configuration read', 'how are errors handled'],
  };
}

type Maker = (samples: Samples, number: number) => unknown;
const nth = (values: readonly string[], number: number) => values[number % Math.max(1, values.length)];
const codebase: Maker = ({ codebases }, number) => nth(codebases, number);
const file: Maker = ({ files }, number) => nth(files, number);
const word: Maker = ({ words }, number) => nth(words, number);
const question: Maker = ({ questions }, number) => nth(questions, number);

/** What a required argument of this name is made from; other tools of a newer server are left out, and told. */
const makers: Readonly<Record<string, Maker>> = {
  codebase_path: codebase,
  codebase,
  file_path: file,
  path: file,
  query: question,
  pattern: word,
  symbol: word,
  symbol_name: word,
  name: word,
  function_name: word,
  line: () => 1,
  line_number: () => 1,
  start_line: () => 1,
};

/** Optional arguments that are given all the same: without them a tool would have to guess. */
const given: ReadonlySet<string> = new Set(['function_name']);

/** Tools that ask for commits; a codebase without any is no question for them. */
const historyTools: ReadonlySet<string> = new Set(['list_commits', 'get_diff', 'search_commits']);

/** The arguments of the `number`th call of a tool, or undefined when a required one cannot be made. */
export function argumentsFor(
  { name: tool, inputSchema }: ListedTool,
  all: Samples,
  number: number,
): Record<string, unknown> | undefined {
  const samples = historyTools.has(tool) ? { ...all, codebases: all.histories } : all;
  const optional = Object.keys(inputSchema.properties).filter((name) => given.has(name));
  const names = new Set([...inputSchema.required, ...optional]);
  const entries = [...names].map((name) => [name, makers[name]?.(samples, number)] as const);
  return entries.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries);
}

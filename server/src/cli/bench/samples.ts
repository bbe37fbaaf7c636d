/** Decides what a benchmark asks a server for: arguments for each tool, made from what the server itself holds. */
import type { ListedTool } from '../rpc.ts';

/** Things that exist in the server: names of codebases, paths, words of code, sentences of its comments. */
export type Samples = { codebases: string[]; files: string[]; words: string[]; questions: string[] };

/** A line that a search found. */
export type FoundLine = { file_path: string; line_content: string };

/** Finds comments of several words, and definitions, in most languages. */
export const commentPattern = String.raw`^\s*(//|#|\*|--) ?[A-Z]?[a-z]+( [a-z]+){3,}`;
export const definitionPattern = String.raw`\b(func|function|def|class|fn|struct|interface|type) +[A-Za-z_]\w{3,}`;

const distinct = (values: readonly string[]) => [...new Set(values)];

/** Samples from found comments and definitions. Questions and words that a small codebase lacks are made up. */
export function samplesFrom(
  codebases: readonly string[],
  comments: readonly FoundLine[],
  definitions: readonly FoundLine[],
): Samples {
  const questions = comments.map(({ line_content }) =>
    line_content
      .replace(/^\s*\W+/, '')
      .slice(0, 120)
      .trim(),
  );
  const words = definitions.flatMap(({ line_content }) => {
    const name = /\b(?:func|function|def|class|fn|struct|interface|type) +([A-Za-z_]\w{3,})/.exec(line_content)?.[1];
    return name === undefined ? [] : [name];
  });
  return {
    codebases: [...codebases],
    files: distinct([...definitions, ...comments].map(({ file_path }) => file_path)),
    words: distinct(words.length > 0 ? words : ['main']),
    questions: distinct(
      questions.length > 0 ? questions : ['where is the configuration read', 'how are errors handled'],
    ),
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

/** The arguments of the `number`th call of a tool, or undefined when a required one cannot be made. */
export function argumentsFor(
  { inputSchema }: ListedTool,
  samples: Samples,
  number: number,
): Record<string, unknown> | undefined {
  const entries = inputSchema.required.map((name) => [name, makers[name]?.(samples, number)] as const);
  return entries.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries);
}

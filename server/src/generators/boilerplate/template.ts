/** Decides what the templates of all languages are given, and what they have in common. */
import type { Conventions } from './conventions.ts';
import type { NameStyle } from './names.ts';

export const boilerplateTypes = ['file_header', 'module', 'tool', 'test', 'class', 'function'] as const;
export type BoilerplateType = (typeof boilerplateTypes)[number];

/** Names are identifiers of the language, and `title` is words of letters and digits: nothing needs to be escaped. */
export type Subject = {
  functionName: string;
  className: string;
  moduleName: string;
  /** Name of the file that the code is in, or that a test is for, without its ending. */
  fileStem: string;
  /** What the file is about. */
  title: string;
  /** In snake_case, for names that clients of tools see. */
  toolName: string;
  /** The function's or class's words, as part of other names: RetryPayment. */
  pascal: string;
  snake: string;
  /** Name of the file in languages that write it so. */
  fileSnake: string;
  /** True: the test is for the class. */
  isClassTest: boolean;
  framework: string;
  namespace: string | undefined;
};

/** Lines of code; a tab at the start is one step of indentation, and ' a quote of the codebase's kind. */
export type Lines = string[];

export type LanguageTemplate = {
  language: string;
  extension: string;
  indent: string;
  /** The quote that is usual; ' when left out. */
  quote?: '"';
  functionStyle: NameStyle;
  /** Mark of a comment line. */
  comment: string;
  /** First line that every file has. */
  opening?: string;
  /** The first is the usual one; text that shows the use of each. */
  testFrameworks: readonly { name: string; sign: RegExp }[];
  render: Record<Exclude<BoilerplateType, 'file_header'>, (subject: Subject) => Lines>;
  /** The comment that says what a file is for. */
  about: (subject: Subject) => Lines;
  /** What code of this kind needs installed. */
  requires: (type: BoilerplateType, subject: Subject) => string | undefined;
  /** How files of this kind are named. */
  fileName: (type: BoilerplateType, subject: Subject) => string;
};

/** What is to be said where only the author knows. */
export const todo = (what: string) => `TODO: ${what}`;

/** The rest of a file below its licence, tidied and in the codebase's conventions. */
export function finished(
  lines: Lines,
  { indent, quote, semicolons }: Conventions,
  own: Pick<LanguageTemplate, 'indent' | 'language' | 'quote'>,
): string {
  const isScript = own.language === 'javascript' || own.language === 'typescript';
  const mayQuote = isScript || own.language === 'python' || own.language === 'ruby';
  const unit = own.language === 'go' ? '\t' : (indent ?? own.indent);
  return lines
    .map((line) => {
      const depth = /^\t*/.exec(line)?.[0].length ?? 0;
      const code = line.slice(depth);
      const quoted = mayQuote && (quote ?? own.quote) === '"' ? withDoubleQuotes(code) : code;
      const ended = isScript && semicolons === false ? quoted.replace(/;$/, '') : quoted;
      return unit.repeat(depth) + ended;
    })
    .join('\n');
}

/** Texts of templates hold no quotes of either kind inside. */
function withDoubleQuotes(code: string): string {
  return /^\s*(?:\*|\/\/|\/\*|#|""")/.test(code) ? code : code.replaceAll("'", '"');
}

/** Decides how symbols read in the answers of tools: the same fields, in snake case, wherever one appears. */
import { z } from 'zod';
import { languageNamed } from '../chunking/languages.ts';
import type { ServerConfig } from '../contract.ts';
import type { Definition, FileScope, Incomplete, TraceStep } from '../symbols/port.ts';
import { symbolKinds } from '../syntax/types.ts';
import { codebasesOf, nameInGlobs } from './codebase-path.ts';

export const symbolKind = z.enum(symbolKinds);

/** A definition as tools answer it; what is not known or empty is left out. */
export const definitionFields = z.strictObject({
  name: z.string().describe('With its containers: "Store.get".'),
  kind: symbolKind,
  file_path: z.string().describe('Write it as file_path of read_code_file.'),
  start_line: z.number().int(),
  end_line: z.number().int(),
  signature: z.string().describe('The line that holds its name.'),
  doc: z.string().optional().describe('First sentence of its doc comment.'),
  exported: z
    .boolean()
    .optional()
    .describe('Whether its declaration lets other files use it, where the language says.'),
  language: z.string(),
  complexity: z.number().int().optional().describe('Decision points + 1.'),
});

export function toDefinitionFields(definition: Definition): z.input<typeof definitionFields> {
  const { kind, startLine, endLine, signature, doc, exported, language, complexity } = definition;
  return {
    name: fullName(definition),
    kind,
    file_path: pathOf(definition),
    start_line: startLine,
    end_line: endLine,
    signature,
    ...(doc !== '' && { doc }),
    ...(exported !== undefined && { exported }),
    language,
    ...(complexity > 0 && { complexity }),
  };
}

export function fullName({ parent, name }: Pick<Definition, 'parent' | 'name'>): string {
  return parent === '' ? name : `${parent}.${name}`;
}

export function pathOf({ codebase, path }: { codebase: string; path: string }): string {
  return `${codebase}/${path}`;
}

/** One step of a call graph. */
export const stepFields = z.strictObject({
  depth: z
    .number()
    .int()
    .describe('Steps from the symbol. A step belongs to the last one above it with a smaller depth.'),
  symbol: z.string().describe('Who calls, or what is called. "(outer level)": the file itself.'),
  kind: symbolKind.optional(),
  file_path: z.string().describe('Where the symbol is defined.'),
  line: z.number().int().optional().describe('Where its definition starts.'),
  call_path: z.string().optional().describe('File of the call, where it is another.'),
  call_line: z.number().int(),
  more_call_lines: z.array(z.number().int()).optional(),
  text: z.string().describe('The line of the call.'),
  confidence: z
    .enum(['likely', 'possible'])
    .describe('likely: imports, package or receiver say so. possible: the name fits.'),
  alternatives: z.number().int().optional().describe('Other definitions of the name that may be meant as well.'),
  repeated: z.boolean().optional().describe('Listed before, with what follows from it.'),
  test: z.boolean().optional().describe('The call is in a test.'),
});

const mostLines = 10;

export function toStepFields(step: TraceStep): z.input<typeof stepFields> {
  const { definition, depth, line, text, moreLines, confidence, alternatives, isRepeated, isTest } = step;
  const callPath = pathOf(step);
  const filePath = definition === undefined ? callPath : pathOf(definition);
  return {
    depth,
    symbol: definition === undefined ? '(outer level)' : fullName(definition),
    ...(definition !== undefined && { kind: definition.kind }),
    file_path: filePath,
    ...(definition !== undefined && { line: definition.startLine }),
    ...(callPath !== filePath && { call_path: callPath }),
    call_line: line,
    ...(moreLines.length > 0 && { more_call_lines: moreLines.slice(0, mostLines) }),
    text,
    confidence,
    ...(alternatives > 0 && { alternatives }),
    ...(isRepeated && { repeated: true }),
    ...(isTest && { test: true }),
  };
}

type ScopeArguments = { codebase_path: string; languages: string[]; path_globs: string[]; include_tests: boolean };

export function scopeOf(args: ScopeArguments, config: ServerConfig): FileScope {
  return {
    codebases: codebasesOf(args.codebase_path, config),
    pathGlobs: args.path_globs,
    languages: args.languages.map(languageNamed),
    includeTests: args.include_tests,
  };
}

/** Parameters that choose among several definitions of one name. */
export const targetParameters = {
  definition_path: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('The file that defines the symbol, where several do: file_path of find_symbol.'),
  definition_line: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('A line inside of the definition, where the file has several.'),
};

export function targetOf(args: { definition_path?: string | undefined; definition_line?: number | undefined }): {
  definitionPath?: string;
  definitionLine?: number;
} {
  return {
    ...(args.definition_path !== undefined && { definitionPath: args.definition_path }),
    ...(args.definition_line !== undefined && { definitionLine: args.definition_line }),
  };
}

export const didYouMean = z.array(z.string()).optional().describe('Names that do exist.');

/** What to say when a name has no definition. */
export function nothingFound(name: string, nearNames: readonly string[]): string {
  const near = nearNames.length > 0 ? ` Names like it: ${nearNames.join(', ')}.` : '';
  return `No definition of "${name}" was found.${near} Names that are no definition here (of libraries, in texts) are found by search_codebase.`;
}

/** A message after the sentence that says which codebases the answer is without; '' when there is neither. */
export function withNotice({ notice }: Incomplete, message: string): string {
  return [notice ?? '', message].filter((sentence) => sentence !== '').join(' ');
}

/** What to try when parameters that narrow a question may leave its answer out; '' where none does. */
export function filtersText(
  { codebase_path, path_globs, languages }: Pick<ScopeArguments, 'codebase_path' | 'path_globs' | 'languages'>,
  config: ServerConfig,
): string {
  if (path_globs.length + languages.length === 0) return '';
  const named = codebasesOf(codebase_path, config);
  const names = named.length > 0 ? named : config.sources.map(({ name }) => name);
  return ` languages and path_globs may leave it out: try without them.${nameInGlobs(path_globs, names)}`;
}

/** Why a file has no symbols, in words; '' when nothing was in the way. */
export function problemText(problem: string, language: string): string {
  switch (problem) {
    case '':
      return '';
    case 'NoGrammar':
      if (language === 'text') return 'It is plain text: there are no symbols to list. Read the file, or search in it.';
      return `There is no parser for ${language} here, so its symbols are not known. Read the file, or search in it.`;
    case 'TooLarge':
    case 'TooManyNodes':
      return 'The file is too large to be parsed, so its symbols are not known. Read it, or search in it.';
    default:
      return 'The file could not be parsed in time, so its symbols are not known. Read it, or search in it.';
  }
}

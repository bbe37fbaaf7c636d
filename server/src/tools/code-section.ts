/** Decides which lines of a file a call means: a function, a class, a range, or all of it; and what is known of them without a model. */
import { z } from 'zod';
import type { Engine, FileText } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { dataKinds } from '../symbols/facts.ts';
import type { Definition, OutlineAnswer, OutlineNode } from '../symbols/port.ts';
import { fitLines, fitList } from './budget.ts';
import { definitionFields, fullName, toDefinitionFields } from './symbol-fields.ts';

/** The parameter that names a file. */
export const filePath = z.string().min(1).max(4096).describe('"codebase/path/in/it", as the search tools give it.');
export const startLine = z.number().int().min(1).optional().describe('First line, counted from 1.');
export const endLine = z.number().int().min(1).optional().describe('Last line, included.');
export const symbolName = (of: string) =>
  z.string().min(1).max(500).optional().describe(`Name of a ${of} in the file, "Class.method" too.`);

/** What a call asks for. Names come before lines. */
export type SectionRequest = {
  file_path: string;
  start_line?: number | undefined;
  end_line?: number | undefined;
  function_name?: string | undefined;
  class_name?: string | undefined;
};

export type CodeSection = {
  file: FileText;
  /** As read_code_file takes it. */
  path: string;
  startLine: number;
  endLine: number;
  /** The lines of the section. */
  lines: string[];
  /** Definitions that begin in the section, in file order, and those of the whole file. */
  definitions: Definition[];
  all: Definition[];
  /** What the section is, if it was named. */
  named: Definition | undefined;
  outline: OutlineAnswer;
};

/**
 * Reads the section. Paths go through the engine, so that what it refuses to read reaches nobody.
 * @throws CodeSageError as `Engine.readFile`, and `InvalidArgument` for lines or names that the file does not have
 */
export async function readSection(engine: Engine, request: SectionRequest, signal: AbortSignal): Promise<CodeSection> {
  const file = await engine.readFile(request.file_path);
  const outline = await outlineOf(engine, file, signal);
  const all = flatten(outline.outline);
  const named = namedDefinition(request, all, `${file.codebase}/${file.path}`);
  const start = named?.startLine ?? request.start_line ?? 1;
  const end = named?.endLine ?? Math.min(request.end_line ?? file.totalLines, file.totalLines);
  checkLines(request, start, end, file);
  return {
    file,
    path: `${file.codebase}/${file.path}`,
    startLine: start,
    endLine: end,
    lines: linesOf(file.text).slice(start - 1, end),
    definitions: all.filter((one) => one.startLine >= start && one.startLine <= end && !dataKinds.has(one.kind)),
    all,
    named,
    outline,
  };
}

/** Files that the index leaves out can be read, but have no outline. */
async function outlineOf(engine: Engine, file: FileText, signal: AbortSignal): Promise<OutlineAnswer> {
  try {
    return await engine.symbols.outline(file.path, file.codebase, signal);
  } catch (error) {
    if (!(error instanceof CodeSageError) || error.code !== 'FileNotFound') throw error;
    const { codebase, path, language, totalLines } = file;
    return { codebase, path, language, lines: totalLines, outline: [], imports: [], problem: '' };
  }
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function flatten(nodes: readonly OutlineNode[]): Definition[] {
  return nodes.flatMap(({ definition, children }) => [definition, ...flatten(children)]);
}

function checkLines(request: SectionRequest, start: number, end: number, file: FileText): void {
  if (file.totalLines === 0)
    throw new CodeSageError('InvalidArgument', `${request.file_path} is empty.`, 'Name a file that holds something.');
  if (request.end_line !== undefined && request.start_line !== undefined && request.end_line < request.start_line)
    throw new CodeSageError(
      'InvalidArgument',
      `end_line ${request.end_line} is before start_line ${request.start_line}.`,
      'Write end_line as a later line, or leave it out.',
    );
  if (start > file.totalLines || end < start)
    throw new CodeSageError(
      'InvalidArgument',
      `${request.file_path} has ${file.totalLines} lines; start_line is ${start}.`,
      'Ask for an earlier line.',
    );
}

const classKinds: ReadonlySet<string> = new Set(['class', 'struct', 'interface', 'trait', 'enum', 'type', 'module']);

/** The definition that a call names; with both names the function of that class. */
function namedDefinition(request: SectionRequest, all: readonly Definition[], path: string): Definition | undefined {
  const { function_name, class_name } = request;
  if (function_name === undefined && class_name === undefined) return undefined;
  const name = [class_name, function_name].filter((part) => part !== undefined).join('.');
  const isMeant = (one: Definition) => {
    const full = fullName(one);
    return full === name || full.endsWith(`.${name}`);
  };
  const found = all.filter(isMeant).filter(({ kind }) => function_name !== undefined || classKinds.has(kind));
  const [first] = found;
  if (first !== undefined) return first;
  const names = all.filter(({ kind }) => !dataKinds.has(kind)).map(fullName);
  const near =
    names.length === 0
      ? 'The file defines nothing that is known here.'
      : `It defines: ${short(names.length > mostNames ? nearestFirst(names, name) : names)}.`;
  throw new CodeSageError(
    'InvalidArgument',
    `${path} defines no ${name}. ${near}`,
    'Name one of these, or give lines.',
  );
}

const mostNames = 20;

/** Names with the most pairs of letters in common with the wanted one first (Dice's coefficient). */
function nearestFirst(names: readonly string[], wanted: string): string[] {
  const pairs = (text: string) => {
    const last = ` ${text.slice(text.lastIndexOf('.') + 1).toLowerCase()} `;
    return new Set(Array.from({ length: last.length - 1 }, (_, at) => last.slice(at, at + 2)));
  };
  const sought = pairs(wanted);
  const likeness = (name: string) => {
    const own = pairs(name);
    const shared = [...own].filter((pair) => sought.has(pair)).length;
    return (2 * shared) / (own.size + sought.size);
  };
  return names
    .map((name) => ({ name, likeness: likeness(name) }))
    .sort((a, b) => b.likeness - a.likeness)
    .map(({ name }) => name);
}

function short(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}

/** Characters of code that one question holds at most; the models' windows are larger, their patience and price are not. */
const questionBudget = 60_000;

/** The lines with their numbers, as a model is shown them, and how many did not fit. */
export function numberedLines({ lines, startLine: first }: Pick<CodeSection, 'lines' | 'startLine'>): {
  text: string;
  left: number;
} {
  const { kept, left } = fitLines(
    lines.map((line, index) => `${first + index}\t${line}`),
    questionBudget,
  );
  return { text: kept.join('\n'), left };
}

/** Definitions as answers list them. */
export const outlineField = z
  .array(definitionFields.omit({ file_path: true, language: true }))
  .describe('What the section defines, in file order.');

const outlineBudget = 20_000;

export function toOutline(definitions: readonly Definition[]): { outline: z.input<typeof outlineField>; left: number } {
  const { kept, left } = fitList(
    definitions.map((definition) => {
      const { file_path: _path, language: _language, ...fields } = toDefinitionFields(definition);
      return fields;
    }),
    outlineBudget,
  );
  return { outline: kept, left };
}

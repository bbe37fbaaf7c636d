/** Decides `get_file_structure`: the outline of one file, as a tree of its symbols. */
import { z } from 'zod';
import type { Engine } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import type { OutlineAnswer, OutlineNode } from '../symbols/port.ts';
import { behindLast } from './analysis-fields.ts';
import { answerBudget, fitList } from './budget.ts';
import { codebaseName, codebasePath } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';
import { problemText, symbolKind } from './symbol-fields.ts';

const symbol = z.strictObject({
  name: z.string(),
  kind: symbolKind,
  start_line: z.number().int(),
  end_line: z.number().int(),
  signature: z.string().optional().describe('The line that holds its name, where that says more than the name.'),
  doc: z.string().optional().describe('First sentence of its doc comment.'),
  exported: z.boolean().optional(),
  complexity: z.number().int().optional(),
  in: z.string().optional().describe('Its containers, where they are not above it in this answer.'),
  children: z
    .array(z.record(z.string(), z.unknown()))
    .optional()
    .describe('Symbols inside of it, with the same fields, nested as deep as the code.'),
});

type SymbolFields = Omit<z.input<typeof symbol>, 'children'> & { children?: SymbolFields[] };

export const getFileStructure = defineTool({
  name: 'get_file_structure',
  title: 'Outline a file',
  description: [
    'Get the outline of one file: its functions, classes, methods, types, headings or keys as a tree, with lines, signatures and the first sentence of their doc comments, and what it imports.',
    'Use it to see what a file holds before you read it, and then read only the lines you need with read_code_file.',
    'Example: {"codebase_path": "shop", "file_path": "src/payment.ts"}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: codebasePath,
    file_path: z.string().min(1).max(4096).describe('The file: its path in the codebase, or "codebase/path/in/it".'),
    max_depth: z.number().int().min(1).max(20).default(20).describe('Levels of nesting to show.'),
    offset: z
      .number()
      .int()
      .min(0)
      .max(100_000)
      .default(0)
      .describe('Symbols to skip: next_offset of the answer before.'),
  }),
  output: z.strictObject({
    file_path: z.string().describe('Write it as file_path of read_code_file.'),
    language: z.string(),
    total_lines: z.number().int(),
    total_symbols: z.number().int(),
    symbols: z.array(symbol).describe('The outer level, in file order.'),
    imports: z
      .array(z.strictObject({ module: z.string(), names: z.array(z.string()).optional(), line: z.number().int() }))
      .optional(),
    truncated: z.boolean(),
    next_offset: z.number().int().optional().describe('Call again with this offset for the next symbols.'),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  handle: async ({ codebase_path, file_path, max_depth, offset }, { engine, settings }) => {
    const answer = await outlineOf(engine, file_path, codebaseName(codebase_path, settings.config));
    const flat = flatten(answer.outline, max_depth);
    const imports =
      offset > 0 ? [] : answer.imports.map(({ names, ...rest }) => ({ ...rest, ...(names.length > 0 && { names }) }));
    const budget = answerBudget - Math.min(JSON.stringify(imports).length, answerBudget / 4);
    const { kept, left } = fitList(flat.slice(offset).map(toFields), budget);
    const next = offset + kept.length;
    const message = messageOf(answer, flat.length, offset, left > 0 ? next : undefined);
    return {
      file_path: `${answer.codebase}/${answer.path}`,
      language: answer.language,
      total_lines: answer.lines,
      total_symbols: flat.length,
      symbols: asTree(flat.slice(offset, next), kept),
      ...(imports.length > 0 && { imports: fitList(imports, answerBudget / 4).kept }),
      truncated: left > 0,
      ...(left > 0 && { next_offset: next }),
      ...(message !== '' && { message }),
    };
  },
});

/** Both forms of a path are taken: with the codebase's name in front, as other tools write it, and without. */
async function outlineOf(engine: Engine, path: string, codebase: string): Promise<OutlineAnswer> {
  const short = path.startsWith(`${codebase}/`) ? path.slice(codebase.length + 1) : path;
  try {
    return await engine.symbols.outline(short, codebase);
  } catch (error) {
    const isOther = short !== path && error instanceof CodeSageError && error.code === 'FileNotFound';
    if (!isOther) throw error;
    return engine.symbols.outline(path, codebase);
  }
}

type Flat = { node: OutlineNode; parent: OutlineNode | undefined };

/** In file order, containers before what they hold. */
function flatten(nodes: readonly OutlineNode[], depth: number, parent?: OutlineNode): Flat[] {
  if (depth === 0) return [];
  return nodes.flatMap((node) => [{ node, parent }, ...flatten(node.children, depth - 1, node)]);
}

function toFields({ node: { definition } }: Flat): SymbolFields {
  const { name, kind, startLine, endLine, signature, doc, exported, complexity } = definition;
  return {
    name,
    kind,
    start_line: startLine,
    end_line: endLine,
    ...(signature !== '' && signature !== name && { signature }),
    ...(doc !== '' && { doc }),
    ...(exported !== undefined && { exported }),
    ...(complexity > 1 && { complexity }),
  };
}

/** Puts the symbols of one page under each other again. */
function asTree(page: readonly Flat[], fields: readonly SymbolFields[]): z.input<typeof symbol>[] {
  const shown = new Map<OutlineNode, SymbolFields>();
  const top: SymbolFields[] = [];
  for (const [index, { node, parent }] of page.entries()) {
    const own = fields[index] as SymbolFields;
    shown.set(node, own);
    const holder = parent === undefined ? undefined : shown.get(parent);
    if (holder === undefined) {
      top.push(node.definition.parent === '' ? own : { ...own, in: node.definition.parent });
      shown.set(node, top.at(-1) as SymbolFields);
    } else {
      holder.children ??= [];
      holder.children.push(own);
    }
  }
  return top;
}

function messageOf(
  { problem, language }: OutlineAnswer,
  total: number,
  offset: number,
  next: number | undefined,
): string {
  if (problem !== '') return problemText(problem, language);
  if (total === 0) return 'The file has no symbols: no definitions, headings or keys. Read it with read_code_file.';
  return next === undefined
    ? (behindLast(total, offset, 'Symbols') ?? '')
    : `${total - next} more symbols. Call again with offset=${next}, or show fewer levels with max_depth.`;
}

/** Decides `list_undocumented_functions`: definitions that want a doc comment and have none. */
import { z } from 'zod';
import type { Definition, UndocumentedAnswer } from '../symbols/port.ts';
import { fitList } from './budget.ts';
import { anyCodebasePath } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';
import { fileScope } from './file-scope.ts';
import { fullName, pathOf, problemText, scopeOf, symbolKind, withNotice } from './symbol-fields.ts';

const undocumented = z.strictObject({
  name: z.string().describe('With its containers.'),
  kind: symbolKind,
  file_path: z.string(),
  start_line: z.number().int(),
  end_line: z.number().int(),
  exported: z.boolean().optional().describe('Whether other files can use it, where the language says.'),
  signature: z.string(),
});

export const listUndocumentedFunctions = defineTool({
  name: 'list_undocumented_functions',
  title: 'List what lacks documentation',
  description: [
    'List the functions, methods, classes and types that have no doc comment, of one file or, without file_path, of a whole codebase.',
    'Use it to find what to document next; among other faults analyze_codebase_improvements tells it too. Constructors, helpers inside of functions and private type aliases do not count.',
    'Example: {"file_path": "shop/src/payment.ts"}',
  ].join(' '),
  input: z.strictObject({
    file_path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('One file: "codebase/path/in/it". Left out: all files of codebase_path.'),
    codebase_path: anyCodebasePath,
    exported_only: z.boolean().default(false).describe('True: without what only its own file can use.'),
    include_tests: z
      .boolean()
      .default(false)
      .describe('True: files of tests, too. A file that is named is always looked at.'),
    ...fileScope,
    limit: z.number().int().min(1).max(1000).default(200).describe('Most definitions in one answer.'),
    offset: z
      .number()
      .int()
      .min(0)
      .max(1_000_000)
      .default(0)
      .describe('Definitions to skip: next_offset of the answer before.'),
  }),
  output: z.strictObject({
    results: z.array(undocumented).describe('In the order of paths and lines.'),
    total: z.number().int().describe('On all pages.'),
    considered: z.number().int().describe('Definitions that could have a doc comment.'),
    documented_percent: z.number().optional(),
    files: z.number().int().describe('Files looked at that define anything.'),
    truncated: z.boolean(),
    next_offset: z.number().int().optional().describe('Call again with this offset for the next ones.'),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'relations',
  handle: async (args, { engine, settings, signal }) => {
    const request = {
      ...scopeOf(args, settings.config),
      ...(args.file_path !== undefined && { path: args.file_path }),
      exportedOnly: args.exported_only,
      limit: args.limit,
      offset: args.offset,
    };
    const answer = await engine.symbols.undocumented(request, signal);
    const { kept } = fitList(answer.definitions.map(toResult));
    const next = args.offset + kept.length;
    const truncated = next < answer.total;
    const message = withNotice(answer, messageOf(answer, truncated ? next : undefined));
    return {
      results: kept,
      total: answer.total,
      considered: answer.considered,
      ...(answer.considered > 0 && { documented_percent: percentOf(answer) }),
      files: answer.files,
      truncated,
      ...(truncated && { next_offset: next }),
      ...(message !== '' && { message }),
    };
  },
});

function toResult(definition: Definition): z.input<typeof undocumented> {
  const { kind, startLine, endLine, exported, signature } = definition;
  return {
    name: fullName(definition),
    kind,
    file_path: pathOf(definition),
    start_line: startLine,
    end_line: endLine,
    ...(exported !== undefined && { exported }),
    signature,
  };
}

function percentOf({ considered, total }: UndocumentedAnswer): number {
  return Math.round(((considered - total) / considered) * 1000) / 10;
}

function messageOf({ problem, language, considered, total }: UndocumentedAnswer, next: number | undefined): string {
  if (problem !== '') return problemText(problem, language);
  if (considered === 0) return 'There are no functions, methods, classes or types here.';
  if (total === 0) return 'Everything that is looked for here has a doc comment.';
  return next === undefined ? '' : `${total - next} more. Call again with offset=${next}.`;
}

/** Decides `find_references`: the places that use a symbol, grouped by file, the likely ones first. */
import { z } from 'zod';
import type { FindReferencesAnswer, FoundFile, FoundUse } from '../symbols/port.ts';
import { referenceKinds } from '../syntax/types.ts';
import { behindLast } from './analysis-fields.ts';
import { answerBudget, fitList } from './budget.ts';
import { anyCodebasePath } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';
import { fileScope } from './file-scope.ts';
import {
  definitionFields,
  didYouMean,
  filtersText,
  fullName,
  nothingFound,
  pathOf,
  scopeOf,
  targetOf,
  targetParameters,
  toDefinitionFields,
  withNotice,
} from './symbol-fields.ts';

const use = z.strictObject({
  line: z.number().int(),
  text: z.string(),
  kind: z.enum(referenceKinds).describe('other: as a plain value, an annotation, a callback that is handed over.'),
  in: z.string().optional().describe('The definition around it.'),
  confidence: z
    .enum(['likely', 'possible'])
    .describe('likely: imports, package or receiver say that this symbol is meant. possible: the name fits.'),
  definition: z
    .number()
    .int()
    .optional()
    .describe('Index in definitions of the one that is meant, where there are several.'),
});

const file = z.strictObject({
  file_path: z.string().describe('Write it as file_path of read_code_file.'),
  language: z.string(),
  test: z.boolean().optional(),
  uses: z.array(use),
});

export const findReferences = defineTool({
  name: 'find_references',
  title: 'Find uses of a symbol',
  description: [
    'Find every place that uses a function, class, method, type, constant or other symbol: calls, types, imports and plain mentions in code.',
    'Use it before you change or remove something, or to see how it is used. Comments and strings do not count; search_codebase finds those.',
    'Where several definitions have the name, write it with its container ("Store.get") or give definition_path: uses that mean another one are then left out.',
    'For callers of callers use trace_calls.',
    'Example: {"name": "retryPayment", "codebase_path": "shop", "definition_path": "shop/src/payment.ts", "kinds": ["call"]}',
  ].join(' '),
  input: z.strictObject({
    name: z.string().trim().min(1).max(500).describe('The name, in its own case, with or without its containers.'),
    codebase_path: anyCodebasePath,
    ...targetParameters,
    kinds: z.array(z.enum(referenceKinds)).max(4).default([]).describe('Only these kinds of use; all when empty.'),
    ...fileScope,
    include_tests: z.boolean().default(true).describe('False: without uses in tests.'),
    limit: z.number().int().min(1).max(1000).default(100).describe('Most uses in one answer.'),
    offset: z.number().int().min(0).max(100_000).default(0).describe('Uses to skip: next_offset of the answer before.'),
  }),
  output: z.strictObject({
    name: z.string(),
    definitions: z.array(definitionFields).describe('What is meant, most likely first; on the first page.'),
    definitions_total: z.number().int(),
    files: z.array(file),
    total_uses: z.number().int().describe('On all pages.'),
    total_files: z.number().int(),
    uses_of_others: z
      .number()
      .int()
      .optional()
      .describe(
        'Uses left out because they mean another definition of the name, or something of that name from a library.',
      ),
    truncated: z.boolean(),
    next_offset: z.number().int().optional().describe('Call again with this offset for the next uses.'),
    did_you_mean: didYouMean,
    took_ms: z.number(),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'relations',
  handle: async (args, { engine, settings, signal }) => {
    const request = {
      ...scopeOf(args, settings.config),
      ...targetOf(args),
      name: args.name,
      kinds: args.kinds,
      limit: args.limit,
      offset: args.offset,
    };
    const answer = await engine.symbols.findReferences(request, signal);
    // Pages after the first are for uses alone; one behind the last use has room for the rest.
    const isOfUses = args.offset > 0 && args.offset < answer.totalUses;
    const definitions = answer.definitions.slice(0, isOfUses ? 0 : mostDefinitions).map(toDefinitionFields);
    const { files, count } = fitFiles(
      answer.files,
      answerBudget - JSON.stringify(definitions).length,
      answer.definitionsTotal > 1,
    );
    const next = args.offset + count;
    const truncated = next < answer.totalUses;
    const filters = filtersText(args, settings.config);
    const message = withNotice(answer, messageOf(args, answer, truncated ? next : undefined, filters));
    return {
      name: args.name,
      definitions,
      definitions_total: answer.definitionsTotal,
      files,
      total_uses: answer.totalUses,
      total_files: answer.totalFiles,
      ...(answer.elsewhere > 0 && { uses_of_others: answer.elsewhere }),
      truncated,
      ...(truncated && { next_offset: next }),
      ...(answer.nearNames.length > 0 && { did_you_mean: answer.nearNames }),
      took_ms: answer.tookMs,
      ...(message !== '' && { message }),
    };
  },
});

const mostDefinitions = 10;

/** As many uses as fit, in their files. */
function fitFiles(
  found: readonly FoundFile[],
  budget: number,
  severalDefinitions: boolean,
): { files: z.input<typeof file>[]; count: number } {
  const flat = found.flatMap((one) =>
    one.uses.map((item, index) => ({
      one,
      item: toUse(item, severalDefinitions),
      path: index === 0 ? pathOf(one) : '',
    })),
  );
  const { kept } = fitList(
    flat.map(({ item, path }) => ({ ...item, path })),
    budget,
  );
  const files = new Map<FoundFile, z.input<typeof file>>();
  for (const { one, item } of flat.slice(0, kept.length)) {
    const known = files.get(one) ?? {
      file_path: pathOf(one),
      language: one.language,
      ...(one.isTest && { test: true }),
      uses: [],
    };
    known.uses.push(item);
    files.set(one, known);
  }
  return { files: [...files.values()], count: kept.length };
}

function toUse(
  { line, text, kind, enclosing, confidence, definition }: FoundUse,
  severalDefinitions: boolean,
): z.input<typeof use> {
  const isListed = severalDefinitions && definition !== undefined && definition < mostDefinitions;
  return {
    line,
    text,
    kind,
    ...(enclosing !== undefined && { in: fullName(enclosing) }),
    confidence,
    ...(isListed && { definition }),
  };
}

/** Where the uses are that are left out. */
function elsewhereText(
  args: { name: string; definition_path?: string | undefined },
  count: number,
  isMethod: boolean,
): string {
  const isChosen = args.definition_path !== undefined || /[.:#\\/]/.test(args.name);
  if (!isChosen)
    return `${count} further uses of the name mean something that is not defined here, of a library perhaps; search_codebase finds them.`;
  const through = isMethod ? ' Calls through an interface or a base type that declares it are among those.' : '';
  return `${count} uses mean another definition of the name.${through} Write the name without its container to see them.`;
}

function messageOf(
  args: { name: string; offset: number; definition_path?: string | undefined },
  answer: FindReferencesAnswer,
  next: number | undefined,
  filters: string,
): string {
  const { definitions, definitionsTotal, totalUses, elsewhere, nearNames } = answer;
  const parts: string[] = [];
  if (definitionsTotal === 0 && totalUses === 0) return nothingFound(args.name, nearNames);
  if (definitionsTotal === 0)
    parts.push(
      'It is not defined in what was searched, only used: a name of a library, or of a file that is not indexed.',
    );
  else if (totalUses === 0)
    parts.push(
      `It is defined but no use of it was found; see search_codebase for mentions in comments, strings and other files.${filters}`,
    );
  if (definitionsTotal > mostDefinitions && args.offset === 0)
    parts.push(`${definitionsTotal} definitions have this name; write it with its container or give definition_path.`);
  if (elsewhere > 0)
    parts.push(
      elsewhereText(
        args,
        elsewhere,
        definitions.some(({ kind }) => kind === 'method'),
      ),
    );
  const past = behindLast(totalUses, args.offset, 'Uses');
  if (past !== undefined) parts.push(past);
  if (next !== undefined) parts.push(`${totalUses - next} more uses. Call again with offset=${next}.`);
  return parts.join(' ');
}

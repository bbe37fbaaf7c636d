/** Decides `find_symbol`: where a name is defined, the most likely definition first. */
import { z } from 'zod';
import type { ServerConfig } from '../contract.ts';
import type { FindDefinitionsAnswer, FoundDefinition } from '../symbols/port.ts';
import { fitList } from './budget.ts';
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
  symbolKind,
  toDefinitionFields,
  withNotice,
} from './symbol-fields.ts';

const found = definitionFields.extend({
  body: z.string().optional().describe('Its text, doc comment included.'),
  body_truncated: z.boolean().optional().describe('True: the body goes on; read on with read_code_file.'),
});

export const findSymbol = defineTool({
  name: 'find_symbol',
  title: 'Find a definition',
  description: [
    'Find where a function, class, method, type, constant or other symbol is defined, by its name.',
    'Use it to jump to a definition: it knows definitions from uses, and tells kind, signature, doc and lines.',
    'The name may be qualified ("Store.get", "Store::get", "package.Name") and need not be whole with match=prefix or substring.',
    'For its uses call find_references; to find code by what it does, semantic_search_codebase.',
    'Example: {"name": "PaymentGateway.charge", "codebase_path": "shop", "include_body": true}',
  ].join(' '),
  input: z.strictObject({
    name: z.string().trim().min(1).max(500).describe('The name, with or without its containers.'),
    codebase_path: anyCodebasePath,
    match: z.enum(['exact', 'prefix', 'substring']).default('exact').describe('How the name is compared.'),
    case_sensitive: z
      .boolean()
      .default(false)
      .describe('True: capital and small letters differ. False: the same case comes first.'),
    kinds: z.array(symbolKind).max(30).default([]).describe('Only these kinds, for example ["class", "interface"].'),
    ...fileScope,
    include_tests: z.boolean().default(true).describe('False: without tests.'),
    include_body: z.boolean().default(false).describe('True: with the text of each definition.'),
    max_body_lines: z.number().int().min(1).max(1000).default(80).describe('Lines of text with each, at most.'),
    limit: z.number().int().min(1).max(200).default(20).describe('Most definitions in one answer.'),
    offset: z
      .number()
      .int()
      .min(0)
      .max(10_000)
      .default(0)
      .describe('Definitions to skip: next_offset of the answer before.'),
  }),
  output: z.strictObject({
    name: z.string(),
    results: z.array(found),
    total: z.number().int().describe('Definitions found, on all pages.'),
    truncated: z.boolean().describe('True: there are more than this answer holds.'),
    next_offset: z.number().int().optional().describe('Call again with this offset for the next ones.'),
    did_you_mean: didYouMean,
    took_ms: z.number(),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  handle: async (args, { engine, settings, signal }) => {
    const request = {
      ...scopeOf(args, settings.config),
      name: args.name,
      match: args.match,
      caseSensitive: args.case_sensitive,
      kinds: args.kinds,
      bodyLines: args.include_body ? args.max_body_lines : 0,
      limit: args.limit,
      offset: args.offset,
    };
    const answer = await engine.symbols.findDefinitions(request, signal);
    const { kept } = fitList(answer.found.map(toResult));
    const next = args.offset + kept.length;
    const truncated = next < answer.total;
    const message = withNotice(answer, messageOf(args, answer, truncated ? next : undefined, settings.config));
    return {
      name: args.name,
      results: kept,
      total: answer.total,
      truncated,
      ...(truncated && { next_offset: next }),
      ...(answer.nearNames.length > 0 && { did_you_mean: answer.nearNames }),
      took_ms: answer.tookMs,
      ...(message !== '' && { message }),
    };
  },
});

function toResult({ definition, text, textTruncated }: FoundDefinition): z.input<typeof found> {
  return {
    ...toDefinitionFields(definition),
    ...(text !== undefined && { body: text }),
    ...(textTruncated === true && { body_truncated: true }),
  };
}

type Asked = {
  name: string;
  codebase_path: string;
  offset: number;
  kinds: string[];
  languages: string[];
  path_globs: string[];
};

/** Why there is nothing: filters that leave out what the name finds, or a name that is none. */
function noDefinition(args: Asked, { nearNames, leftOut }: FindDefinitionsAnswer, config: ServerConfig): string {
  const filters = filtersText(args, config);
  if (leftOut.length === 0) return `${nothingFound(args.name, nearNames)}${filters}`;
  const places = leftOut.map((one) => `${one.kind} ${fullName(one)} in ${pathOf(one)}:${one.startLine}`);
  return `"${args.name}" is defined, but kinds, languages, path_globs and include_tests leave it out: ${places.join(', ')}.${filters}`;
}

function messageOf(args: Asked, answer: FindDefinitionsAnswer, next: number | undefined, config: ServerConfig): string {
  const { offset } = args;
  const { total, more } = answer;
  if (total === 0) return noDefinition(args, answer, config);
  if (offset >= total) return `There are ${total} definitions; offset ${offset} is behind the last one.`;
  if (next === undefined) return '';
  const many = more ? ' There are even more than were counted: write more of the name.' : '';
  return `${total - next} more definitions. Call again with offset=${next}, or narrow the search with kinds, path_globs or the container's name.${many}`;
}

/** Decides `semantic_search_codebase`: the passages of code that best fit a question in plain words. */
import { z } from 'zod';
import { languageNamed } from '../chunking/languages.ts';
import type { ServerConfig } from '../contract.ts';
import type { ScorePart, SearchAnswer, SearchHit } from '../engine.ts';
import { plainLog } from '../observability/logger.ts';
import { symbolKinds } from '../syntax/types.ts';
import { keepPart } from './answer-json.ts';
import { type Fitted, fitList } from './budget.ts';
import { anyCodebasePath, codebasesOf, nameInGlobs } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';
import { fileScope } from './file-scope.ts';

const hit = z.strictObject({
  file_path: z.string().describe('Write it as file_path of read_code_file.'),
  start_line: z.number().int(),
  end_line: z.number().int(),
  language: z.string(),
  symbols: z.array(z.string()).describe('Names that the passage defines.'),
  score: z.number().describe('Higher is better; comparable within one answer only.'),
  explanation: z
    .array(z.strictObject({ signal: z.string(), adds: z.number().optional(), multiplies: z.number().optional() }))
    .optional()
    .describe('The score is the sum of all that is added times the product of all factors.'),
  text: z.string().describe('The lines from start_line to end_line; a definition that fits is whole.'),
});

/** Passages that one query can have, over all pages. */
const most = 200;

export const semanticSearchCodebase = defineTool({
  name: 'semantic_search_codebase',
  title: 'Search by meaning',
  description: [
    'Find the code that best fits a question or a description, ranked, with the passages themselves.',
    'Use it first when you look for where or how something is done ("where are failed payments retried") or for a symbol by name.',
    'For every occurrence of an exact text use search_codebase; to read on in a file found here use read_code_file.',
    'Example: {"query": "retry a failed payment with backoff", "codebase_path": "shop", "top_k": 5}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: anyCodebasePath,
    query: z.string().min(1).max(4000).describe('What the code does, a question, or a symbol name.'),
    top_k: z.number().int().min(1).max(100).default(5).describe('Passages wanted.'),
    ...fileScope,
    symbol_kinds: z
      .array(z.enum(symbolKinds))
      .max(symbolKinds.length)
      .default([])
      .describe('Only passages that define a symbol of one of these kinds, for example ["class", "interface"].'),
    offset: z
      .number()
      .int()
      .min(0)
      .max(most - 1)
      .default(0)
      .describe('Passages to skip: next_offset of the answer before.'),
    explain: z.boolean().default(false).describe('True: each passage tells what gave it its score.'),
    mode: z
      .enum(['fused', 'bm25', 'vector'])
      .default('fused')
      .describe('fused: by words and meaning; the other two rank by words alone or by meaning alone, to compare.'),
  }),
  output: z.strictObject({
    query: z.string(),
    results: z.array(hit),
    index_version: z.string().describe('Answers with the same version come from the same published index.'),
    ranking: z
      .enum(['fused', 'bm25', 'vector'])
      .describe('What ranked; bm25 where fused was asked for: by words alone, for the reason in message.'),
    cached: z.boolean(),
    truncated: z.boolean().describe('True: not all passages wanted fit this answer.'),
    next_offset: z.number().int().optional().describe('There are more passages: ask again with this offset.'),
    took_ms: z.number(),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  handle: async (args, { engine, log, settings, signal, sameAgain }) => {
    const answer = await engine.semanticSearch(
      {
        query: args.query,
        codebases: codebasesOf(args.codebase_path, settings.config),
        // One more than this page, to know whether there is another.
        topK: Math.min(args.offset + args.top_k + 1, most),
        mode: args.mode,
        explain: args.explain,
        ...(args.path_globs.length > 0 && { pathGlobs: args.path_globs }),
        ...(args.languages.length > 0 && { languages: args.languages.map(languageNamed) }),
        ...(args.symbol_kinds.length > 0 && { kinds: args.symbol_kinds }),
      },
      signal,
    );
    // The runbook (4.2) tells operators to look for this line.
    const tellHit = () => plainLog(log).info('Cache hit for search query');
    if (answer.cached) tellHit();
    const { kept, left } = pageOf(answer, args.offset, args.top_k);
    const next = args.offset + kept.length;
    const { again } = answer;
    if (again !== undefined)
      sameAgain?.(() => {
        const isSame = again();
        if (isSame) tellHit();
        return isSame;
      });
    return {
      query: args.query,
      results: kept,
      index_version: answer.version,
      ranking: answer.ranking,
      cached: answer.cached,
      truncated: left > 0,
      ...(next < answer.hits.length && { next_offset: next }),
      ...messageFor(answer.notice, left, next, kept.length === 0 ? nothingFound(args, settings.config) : undefined),
      took_ms: answer.tookMs,
    };
  },
});

type Page = Fitted<z.input<typeof hit>>;

/** The last page that was made of each list of hits: a cached answer has the same list each time. */
const pages = new WeakMap<readonly SearchHit[], { offset: number; topK: number; page: Page }>();

function pageOf({ hits, cached }: SearchAnswer, offset: number, topK: number): Page {
  const last = pages.get(hits);
  if (last?.offset === offset && last.topK === topK) return last.page;
  const page = fitList(hits.slice(offset, offset + topK).map(toResult));
  if (cached) {
    keepPart(page.kept);
    pages.set(hits, { offset, topK, page });
  }
  return page;
}

function messageFor(
  notice: string | undefined,
  left: number,
  next: number,
  empty: string | undefined,
): { message?: string } {
  const sentences = [
    ...(notice === undefined ? [] : [notice]),
    ...(left > 0 ? [`${left} more passages did not fit. Call again with offset=${next}.`] : []),
    ...(empty === undefined ? [] : [empty]),
  ];
  return sentences.length === 0 ? {} : { message: sentences.join(' ') };
}

type Filters = { offset: number; path_globs: string[]; languages: string[]; symbol_kinds: string[] };

/** Why there is no passage, and what to do. */
function nothingFound({ offset, path_globs, languages, symbol_kinds }: Filters, { sources }: ServerConfig): string {
  if (offset > 0) return `There is no passage from offset ${offset} on.`;
  if (path_globs.length + languages.length + symbol_kinds.length > 0) {
    const names = sources.map(({ name }) => name);
    return `Nothing was found with these filters: try without path_globs, languages and symbol_kinds.${nameInGlobs(path_globs, names)}`;
  }
  return 'Nothing was found. Check with get_index_status that the codebase is indexed, or use other words.';
}

function toResult(found: SearchHit): z.input<typeof hit> {
  return {
    file_path: `${found.codebase}/${found.path}`,
    start_line: found.startLine,
    end_line: found.endLine,
    language: found.language,
    symbols: found.symbols ?? [],
    score: rounded(found.score),
    ...(found.explanation !== undefined && { explanation: found.explanation.map(roundedPart) }),
    text: found.text,
  };
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

function roundedPart(part: ScorePart): { signal: string; adds?: number; multiplies?: number } {
  if ('adds' in part) return { signal: part.signal, adds: rounded(part.adds) };
  return { signal: part.signal, multiplies: rounded(part.multiplies) };
}

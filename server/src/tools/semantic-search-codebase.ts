/** Decides `semantic_search_codebase`: the passages of code that best fit a question in plain words. */
import { z } from 'zod';
import { languageNamed } from '../chunking/languages.ts';
import type { SearchHit } from '../engine.ts';
import { fitList } from './budget.ts';
import { anyCodebasePath, codebasesOf } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';

const hit = z.strictObject({
  file_path: z.string().describe('Write it as file_path of read_code_file.'),
  start_line: z.number().int(),
  end_line: z.number().int(),
  language: z.string(),
  score: z.number().describe('Higher is better; comparable within one answer only.'),
  text: z.string(),
});

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
    path_globs: z
      .array(z.string().min(1).max(500))
      .max(50)
      .default([])
      .describe('Only files whose path fits one, for example "src/**/*.ts"; "!" in front: all but these.'),
    languages: z
      .array(z.string().min(1).max(100))
      .max(50)
      .default([])
      .describe('Only these languages, for example "python", or their extensions ("py").'),
    offset: z.number().int().min(0).max(99).default(0).describe('Passages to skip: next_offset of the answer before.'),
  }),
  output: z.strictObject({
    query: z.string(),
    results: z.array(hit),
    index_version: z.string().describe('Answers with the same version come from the same published index.'),
    ranking: z
      .enum(['fused', 'bm25'])
      .describe('fused: by words and meaning; bm25: by words alone, for the reason in message.'),
    cached: z.boolean(),
    truncated: z.boolean().describe('True: not all passages wanted fit this answer.'),
    next_offset: z.number().int().optional(),
    took_ms: z.number(),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  handle: async (args, { engine, log, settings, signal }) => {
    const answer = await engine.semanticSearch(
      {
        query: args.query,
        codebases: codebasesOf(args.codebase_path, settings.config),
        topK: Math.min(args.offset + args.top_k, 100),
        ...(args.path_globs.length > 0 && { pathGlobs: args.path_globs }),
        ...(args.languages.length > 0 && { languages: args.languages.map(languageNamed) }),
      },
      signal,
    );
    // The runbook (4.2) tells operators to look for this line.
    if (answer.cached) log.info('Cache hit for search query');
    const { kept, left } = fitList(answer.hits.slice(args.offset).map(toResult));
    const next = args.offset + kept.length;
    return {
      query: args.query,
      results: kept,
      index_version: answer.version,
      ranking: answer.ranking,
      cached: answer.cached,
      truncated: left > 0,
      ...(left > 0 && { next_offset: next }),
      ...messageFor(answer.notice, left, next, kept.length),
      took_ms: answer.tookMs,
    };
  },
});

function messageFor(notice: string | undefined, left: number, next: number, kept: number): { message?: string } {
  const sentences = [
    ...(notice === undefined ? [] : [notice]),
    ...(left > 0 ? [`${left} more passages did not fit. Call again with offset=${next}.`] : []),
    ...(kept === 0
      ? ['Nothing was found. Check with get_index_status that the codebase is indexed, or use other words.']
      : []),
  ];
  return sentences.length === 0 ? {} : { message: sentences.join(' ') };
}

function toResult(found: SearchHit): z.input<typeof hit> {
  return {
    file_path: `${found.codebase}/${found.path}`,
    start_line: found.startLine,
    end_line: found.endLine,
    language: found.language,
    score: Math.round(found.score * 10_000) / 10_000,
    text: found.text,
  };
}

/** Decides `find_related_code`: code like a given place in meaning, and the files bound to it by imports and tests. */
import { z } from 'zod';
import { provenanceFields } from './analysis-fields.ts';
import { fitList } from './budget.ts';
import { defineTool, readOnly } from './define.ts';

const passage = z.strictObject({
  file_path: z.string().describe('Write it as file_path of read_code_file.'),
  start_line: z.number().int(),
  end_line: z.number().int(),
  language: z.string(),
  score: z.number().describe('Higher is better; comparable within one answer only.'),
  text: z.string().optional(),
});

export const findRelatedCode = defineTool({
  name: 'find_related_code',
  title: 'Find related code',
  description: [
    'Find code that is related to a given place: passages like it in meaning, ranked, its tests, the files that import it and those that it imports.',
    'Use it when you stand at some code and want its siblings: other implementations, callers of the same kind, what must change together.',
    'To search by a description use semantic_search_codebase; for exact copies use find_duplicate_code.',
    'Example: {"file_path": "shop/src/payment.ts", "symbol": "retryPayment"} or {"file_path": "shop/src/payment.ts", "line": 42}',
  ].join(' '),
  input: z.strictObject({
    file_path: z.string().min(1).max(4096).describe('"codebase/path/in/it", as in search results.'),
    line: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('A line of the code in question. Without it and symbol: where the file starts.'),
    symbol: z.string().min(1).max(500).optional().describe('A definition in the file, with or without its containers.'),
    limit: z.number().int().min(1).max(30).default(8).describe('Passages wanted.'),
    all_codebases: z.boolean().default(false).describe("True: search every codebase, not only the file's own."),
    include_text: z.boolean().default(true).describe('False: places without their text.'),
  }),
  output: z.strictObject({
    subject: z.strictObject({
      file_path: z.string(),
      start_line: z.number().int(),
      end_line: z.number().int(),
      symbols: z.array(z.string()),
    }),
    related: z.array(passage),
    tests: z.array(z.string()).describe('Tests of the file by their names; of a test, what it tests.'),
    imported_by: z.array(z.string()).describe('Files that import it, as far as paths tell; at most 30.'),
    imports: z.array(z.string()).describe('Files and packages of the codebase that it imports; at most 30.'),
    truncated: z.boolean().describe('True: not all passages wanted fit this answer.'),
    ...provenanceFields,
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'relations',
  handle: async (args, { engine, signal }) => {
    const { line, symbol, limit, all_codebases: everywhere } = args;
    const request = {
      path: args.file_path,
      limit,
      everywhere,
      ...(line !== undefined && { line }),
      ...(symbol !== undefined && { symbol }),
    };
    const answer = await engine.analysis.related(request, signal);
    const { subject } = answer;
    const inCodebase = (path: string) => `${subject.codebase}/${path}`;
    const { kept, left } = fitList(
      answer.passages.map(({ codebase, path, startLine, endLine, language, score, text }) => ({
        file_path: `${codebase}/${path}`,
        start_line: startLine,
        end_line: endLine,
        language,
        score: Math.round(score * 10_000) / 10_000,
        ...(args.include_text && { text }),
      })),
    );
    return {
      subject: {
        file_path: inCodebase(subject.path),
        start_line: subject.startLine,
        end_line: subject.endLine,
        symbols: subject.symbols,
      },
      related: kept,
      tests: answer.counterparts.map(inCodebase),
      imported_by: answer.importedBy.map(inCodebase),
      imports: answer.imports.map(inCodebase),
      truncated: left > 0,
      ...(left > 0 && { message: `${left} more passages did not fit. Call again with include_text=false.` }),
      index_version: answer.version,
      took_ms: answer.tookMs,
    };
  },
});

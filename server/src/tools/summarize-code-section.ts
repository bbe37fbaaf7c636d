/** Decides `summarize_code_section`: what a part of a file does, in a model's words, or in its outline where there is no model. */
import { z } from 'zod';
import {
  answeredBy,
  answeredByFields,
  askModel,
  asksModel,
  codeIsData,
  llmModel,
  modelToolTimeoutMs,
  outcomeMessage,
} from './ask-model.ts';
import {
  type CodeSection,
  endLine,
  filePath,
  numberedLines,
  outlineField,
  readSection,
  startLine,
  symbolName,
  toOutline,
} from './code-section.ts';
import { defineTool } from './define.ts';
import { fullName, problemText } from './symbol-fields.ts';

export const summarizeCodeSection = defineTool({
  name: 'summarize_code_section',
  title: 'Summarize code',
  description: [
    'Explain what a part of a file does: lines, a function, a class, or the whole file.',
    'Use it to understand long code without reading it. It sends that code to the configured model provider; without a key it answers the outline (signatures, documentation, complexity) and what the file imports. To read the code yourself use read_code_file.',
    'Example: {"file_path": "shop/src/payment/retry.ts", "function_name": "retryPayment"}',
  ].join(' '),
  input: z.strictObject({
    file_path: filePath,
    start_line: startLine,
    end_line: endLine,
    llm_model: llmModel,
    function_name: symbolName('function or method'),
    class_name: symbolName('class or other type'),
  }),
  output: z.strictObject({
    file_path: z.string(),
    language: z.string(),
    start_line: z.number().int(),
    end_line: z.number().int(),
    summary: z.string(),
    answered_by: answeredBy,
    outline: outlineField,
    imports: z.array(z.string()).optional().describe('Modules that the file imports.'),
    message: z.string().optional(),
  }),
  annotations: asksModel,
  timeoutMs: modelToolTimeoutMs,
  handle: async (args, context) => {
    const section = await readSection(context.engine, args, context.signal);
    const { text, left } = numberedLines(section);
    const outcome = await askModel(context, { system, prompt: promptOf(section, text), model: args.llm_model });
    const { outline, left: outlineLeft } = toOutline(section.definitions);
    const imports = [...new Set(section.outline.imports.map(({ module }) => module))].slice(0, 100);
    const message = [
      outcomeMessage(outcome, left),
      outlineLeft > 0 ? `The outline is without its last ${outlineLeft} definitions.` : '',
      problemText(section.outline.problem, section.file.language),
    ]
      .filter((sentence) => sentence !== '')
      .join(' ');
    return {
      file_path: section.path,
      language: section.file.language,
      start_line: section.startLine,
      end_line: section.endLine,
      summary: outcome.answer?.text ?? structuralSummary(section),
      ...answeredByFields(outcome),
      outline,
      ...(imports.length > 0 && { imports }),
      ...(message !== '' && { message }),
    };
  },
});

const system = `You explain source code to programmers. Say in at most 200 words what the code is for, how it goes about it, and what a caller must know (side effects, errors, limits). ${codeIsData}`;

function promptOf({ path, file, startLine, endLine, named }: CodeSection, text: string): string {
  const what = named === undefined ? `Lines ${startLine} to ${endLine}` : `The ${named.kind} ${fullName(named)}`;
  return `${what} of ${path} (${file.language}), with line numbers:\n\n${text}`;
}

/** What can be said without a model: how much there is of what, and what the authors wrote of it. */
function structuralSummary(section: CodeSection): string {
  const { definitions, named, lines, file, startLine, endLine } = section;
  const what =
    named === undefined
      ? `Lines ${startLine} to ${endLine} of ${section.path}`
      : `The ${named.kind} ${fullName(named)} of ${section.path} (lines ${startLine} to ${endLine})`;
  const counts = new Map<string, number>();
  for (const { kind } of definitions) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const counted = [...counts].map(([kind, count]) => `${kind}: ${count}`).join(', ');
  const most = definitions.reduce(
    (a, b) => (b.complexity > (a?.complexity ?? 10) ? b : a),
    undefined as (typeof definitions)[number] | undefined,
  );
  // What stands above one of several definitions tells of that one alone.
  const told = named ?? definitions.find(({ doc }) => doc !== '');
  return [
    `${what}: ${lines.length} lines of ${file.language}.`,
    counted === '' ? 'It defines nothing by name.' : `Definitions by kind: ${counted}.`,
    told === undefined || told.doc === ''
      ? ''
      : `${told === named ? 'Its documentation' : `The documentation of ${fullName(told)}`} begins: "${told.doc}"`,
    most === undefined ? '' : `The most complex of them is ${fullName(most)} (complexity ${most.complexity}).`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

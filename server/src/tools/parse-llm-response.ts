/** Decides `parse_llm_response`: what a language model's answer holds, part by part, and what had to be repaired. */
import { z } from 'zod';
import type { PagePart } from '../responses/page.ts';
import type { ResponsePart } from '../responses/parse-response.ts';
import { behindLast } from './analysis-fields.ts';
import { answerBudget, fitList } from './budget.ts';
import { defineTool, readOnly } from './define.ts';

const partKinds = ['json', 'code', 'list', 'key_values', 'heading', 'text', 'reasoning'] as const;

const part = z.strictObject({
  kind: z.enum(partKinds),
  start_line: z.number().int(),
  end_line: z.number().int(),
  value: z.unknown().optional().describe('Of json: the value itself.'),
  language: z.string().optional().describe('Of code, where its fence names one.'),
  text: z.string().optional().describe('Of code, heading, text and reasoning.'),
  level: z.number().int().optional().describe('Of a heading.'),
  items: z.array(z.string()).optional().describe('Of a list.'),
  ordered: z.boolean().optional(),
  values: z.record(z.string(), z.string()).optional().describe('Of key_values.'),
  repairs: z.array(z.string()).optional().describe('What had to be mended to read it.'),
  cut: z.boolean().optional().describe('Too long for one answer: read lines start_line to end_line of the response.'),
});

type Part = z.input<typeof part>;

export const parseLlmResponse = defineTool({
  name: 'parse_llm_response',
  title: "Parse a language model's response",
  description: [
    "Take a language model's answer apart: JSON (fenced or in the text; comments, trailing commas, wrong quotes and cut-off ends are repaired, and it says so), code blocks with their languages, lists, keys with values, headings, text.",
    'Use it on raw output of another model before you work with it. It reads no files and calls no model; JSON that is well-formed needs no tool.',
    'Example: {"llm_response_content": "Sure: {\'a\': 1,}"}',
  ].join(' '),
  input: z.strictObject({
    llm_response_content: z.string().max(4_000_000).describe('The response as the model wrote it.'),
    offset: z
      .number()
      .int()
      .min(0)
      .max(1_000_000)
      .default(0)
      .describe('Parts to skip: next_offset of the answer before.'),
  }),
  output: z.strictObject({
    parts: z.array(part).describe('In the order of the response.'),
    total_parts: z.number().int(),
    json_parts: z.array(z.number().int()).describe('Which of all parts are JSON, from 0.'),
    repaired: z.boolean(),
    truncated: z.boolean(),
    next_offset: z.number().int().optional().describe('Call again with this offset for the next parts.'),
    message: z.string().optional(),
  }),
  annotations: readOnly,
  handle: async ({ llm_response_content, offset }, { desk, signal }) => {
    // Field names make an answer somewhat longer than the parts are.
    const task = { text: llm_response_content, offset, budget: answerBudget * 0.9 };
    const page = await desk.parseResponse(task, signal);
    const { kept } = fitList(page.parts.map(toFields));
    const next = offset + kept.length;
    const truncated = next < page.total;
    const message = messageOf(page.total, offset, truncated ? next : undefined);
    return {
      parts: kept,
      total_parts: page.total,
      json_parts: page.jsonParts,
      repaired: page.isRepaired,
      truncated,
      ...(truncated && { next_offset: next }),
      ...(message !== undefined && { message }),
    };
  },
});

function toFields({ part: one, isCut }: PagePart): Part {
  const { kind, startLine, endLine } = one;
  return {
    kind,
    start_line: startLine,
    end_line: endLine,
    ...contentOf(one),
    ...('repairs' in one && one.repairs.length > 0 && { repairs: one.repairs }),
    ...(isCut && { cut: true }),
  };
}

function contentOf(one: ResponsePart): Partial<Part> {
  switch (one.kind) {
    case 'json':
      return { value: one.value };
    case 'code':
      return { text: one.text, ...(one.language !== '' && { language: one.language }) };
    case 'list':
      return { items: one.items, ordered: one.isOrdered };
    case 'key_values':
      return { values: one.values };
    case 'heading':
      return { level: one.level, text: one.text };
    default:
      return { text: one.text };
  }
}

function messageOf(total: number, offset: number, next: number | undefined): string | undefined {
  if (total === 0) return 'The response is empty.';
  if (next !== undefined) return `${total - next} more parts. Call again with offset=${next}.`;
  return behindLast(total, offset, 'Parts');
}

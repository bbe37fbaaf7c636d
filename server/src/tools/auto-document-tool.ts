/** Decides `auto_document_tool`: the documentation of this server's own tools, from their definitions. */
import { z } from 'zod';
import { CodeSageError } from '../errors.ts';
import { answeredBy, answeredByFields, askModel, asksModel, modelToolTimeoutMs, outcomeMessage } from './ask-model.ts';
import { defineTool, type Tool } from './define.ts';
import { purposeOf, renderTool } from './document.ts';

export const autoDocumentTool = defineTool({
  name: 'auto_document_tool',
  title: 'Document a tool of this server',
  description: [
    "Get the documentation of one of this server's tools as Markdown (parameters, answer, example), or, without tool_name, the list of all tools with what each is for.",
    'Use it when you must explain this server to people, or are unsure which tool to use. Where a model provider has a key, it adds a short guide; no code is sent.',
    'Example: {"tool_name": "find_references"}',
  ].join(' '),
  input: z.strictObject({
    tool_name: z.string().min(1).max(200).optional().describe('Name of a tool. Left out: the list of all.'),
  }),
  output: z.strictObject({
    tool_name: z.string().optional(),
    documentation: z.string().describe('Markdown.'),
    guide: z.string().optional().describe('How to use it, in the words of a model.'),
    answered_by: answeredBy,
    message: z.string().optional(),
  }),
  annotations: asksModel,
  timeoutMs: modelToolTimeoutMs,
  handle: async ({ tool_name }, context) => {
    const { tools } = context;
    if (tool_name === undefined) return { documentation: listOf(tools) };
    const tool = tools.find(({ name }) => name === tool_name);
    if (tool === undefined) throw unknownTool(tool_name, tools);
    const documentation = renderTool(tool).join('\n').trim();
    const outcome = await askModel(context, { system, prompt: documentation });
    const message = outcomeMessage(outcome);
    return {
      tool_name,
      documentation,
      ...(outcome.answer !== undefined && { guide: outcome.answer.text }),
      ...answeredByFields(outcome),
      ...(message !== '' && { message }),
    };
  },
});

const system =
  'You write guides for tools that programs call. From the reference below, write at most 200 words of Markdown: when to call the tool, two example calls with JSON arguments that fit its parameters, and how to read the answer. Invent no parameters.';

function listOf(tools: readonly Tool[]): string {
  return tools.map((tool) => `- \`${tool.name}\`: ${purposeOf(tool)}`).join('\n');
}

/** What a caller hears who names a tool that there is not: those with a word in common, else all. */
export function unknownTool(name: string, tools: readonly Tool[]): CodeSageError {
  const words = name.toLowerCase().split(/[^a-z]+/);
  const near = tools.filter((tool) => words.some((word) => word.length > 2 && tool.name.includes(word)));
  const names = (near.length > 0 ? near : tools).map((tool) => tool.name).join(', ');
  return new CodeSageError('InvalidArgument', 'There is no tool of that name.', `Write one of: ${names}.`);
}

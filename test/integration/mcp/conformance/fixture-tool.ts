/** Decides how a tool of the suite's own looks to our endpoint: an entry of a registry, with an answer of any kind of content. */
import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { readOnly, type Tool, type ToolCall } from '../../../../server/src/tools/define.ts';

export type Arguments = Readonly<Record<string, unknown>>;
export type FixtureAnswer = CallToolResult | InputRequiredResult;

/** A tool that answers by itself, as ours do. */
export type PlainTool = { tool: Tool; answer: (args: Arguments, call: ToolCall) => Promise<CallToolResult> };

/** A tool that asks its caller something, or sends messages while it works: that needs an exchange of the SDK's. */
export type AskingTool = { tool: Tool; answer: (args: Arguments, context: ServerContext) => Promise<FixtureAnswer> };

/** One text, in the form that a tool with an output schema has to answer in. */
export function say(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], structuredContent: {} };
}

/** The entry of the registry. Arguments are left to the tool. */
export function fixtureTool(
  name: string,
  description: string,
  inputSchema: Tool['inputSchema'] = { type: 'object', properties: {} },
): Tool {
  return {
    name,
    title: name,
    description,
    inputSchema,
    outputSchema: { type: 'object' },
    annotations: readOnly,
    timeoutMs: 30_000,
    lane: undefined,
    isAtHand: async () => true,
    input: z.looseObject({}),
    handle: () => Promise.reject(new Error(`${name} is answered by the suite's own runner`)),
  };
}

/** Decides how commands talk to a running server: one MCP request by plain JSON over HTTP. */
import { z } from 'zod';
import { CodeSageError, messageOf } from '../errors.ts';

const answerSchema = z.object({ result: z.unknown(), error: z.object({ message: z.string() }).optional() });

const callResult = z.object({
  content: z.array(z.object({ text: z.string().optional() })).default([]),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});

const listResult = z.object({
  tools: z.array(
    z.object({
      name: z.string(),
      inputSchema: z.object({
        properties: z.record(z.string(), z.unknown()).default({}),
        required: z.array(z.string()).default([]),
      }),
      annotations: z.object({ readOnlyHint: z.boolean().optional() }).optional(),
    }),
  ),
});

export type ListedTool = z.infer<typeof listResult>['tools'][number];

/** Calls one tool and returns its structured answer. */
export async function callTool(
  url: string,
  name: string,
  args: Record<string, unknown>,
  timeoutMs = 35_000,
): Promise<Record<string, unknown>> {
  const result = callResult.parse((await request(url, 'tools/call', { name, arguments: args }, timeoutMs)) ?? {});
  if (result.isError === true)
    throw new CodeSageError('InvalidArgument', result.content.map(({ text = '' }) => text).join(' '), '');
  return result.structuredContent ?? {};
}

/** The tools that the server offers. */
export async function listTools(url: string): Promise<ListedTool[]> {
  return listResult.parse(await request(url, 'tools/list', {}, 35_000)).tools;
}

/** One JSON-RPC request; resolves with its result. */
async function request(url: string, method: string, params: unknown, timeoutMs: number): Promise<unknown> {
  const response = await post(url, { jsonrpc: '2.0', id: 1, method, params }, timeoutMs);
  const answer = answerSchema.safeParse(await response.json().catch(() => undefined));
  if (!answer.success)
    throw new CodeSageError(
      'Internal',
      `${url} answered ${response.status}, not MCP.`,
      'Check the URL; it ends in /mcp.',
    );
  const { result, error } = answer.data;
  if (error !== undefined) throw new CodeSageError('Internal', error.message, '');
  return result;
}

async function post(url: string, body: unknown, timeoutMs: number): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new CodeSageError(
      'Internal',
      `No server answers at ${url}: ${messageOf(cause)}.`,
      'Start one with codesage serve, or correct --url.',
      { cause: error },
    );
  }
}

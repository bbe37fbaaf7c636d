/** Decides how commands talk to a running server: one MCP request by plain JSON over HTTP. */
import { z } from 'zod';
import { CodeSageError, messageOf } from '../errors.ts';

const answerSchema = z.object({ result: z.unknown().optional(), error: z.object({ message: z.string() }).optional() });

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
      annotations: z.object({ readOnlyHint: z.boolean().optional(), openWorldHint: z.boolean().optional() }).optional(),
    }),
  ),
});

export type ListedTool = z.infer<typeof listResult>['tools'][number];

/** The MCP endpoint of a running server, and the token to show there, if it asks for one. */
export type Endpoint = { url: string; token?: string };

/** Variable that holds the token: on a command line everybody on the machine could read it. */
const tokenVariable = 'CODESAGE_TOKEN';

/** The endpoint at `url`, with the token of the environment. */
export function endpointAt(url: string, env: Readonly<Record<string, string | undefined>>): Endpoint {
  const token = env[tokenVariable]?.trim() ?? '';
  return { url, ...(token !== '' && { token }) };
}

/** Calls one tool and returns its structured answer. */
export async function callTool(
  server: Endpoint,
  name: string,
  args: Record<string, unknown>,
  timeoutMs = 35_000,
): Promise<Record<string, unknown>> {
  const result = callResult.parse((await request(server, 'tools/call', { name, arguments: args }, timeoutMs)) ?? {});
  if (result.isError === true)
    throw new CodeSageError('InvalidArgument', result.content.map(({ text = '' }) => text).join(' '), '');
  return result.structuredContent ?? {};
}

/** The tools that the server offers. */
export async function listTools(server: Endpoint): Promise<ListedTool[]> {
  return listResult.parse(await request(server, 'tools/list', {}, 35_000)).tools;
}

/** One JSON-RPC request; resolves with its result. */
async function request(server: Endpoint, method: string, params: unknown, timeoutMs: number): Promise<unknown> {
  const response = await post(server, { jsonrpc: '2.0', id: 1, method, params }, timeoutMs);
  const answer = answerSchema.safeParse(await response.json().catch(() => undefined));
  if (!answer.success)
    throw new CodeSageError(
      'Internal',
      `${server.url} answered ${response.status}, not MCP.`,
      'Check the URL; it ends in /mcp.',
    );
  const { result, error } = answer.data;
  if (error === undefined) return result;
  const isRefusal = response.status === 401 || response.status === 403;
  throw new CodeSageError('Internal', error.message, isRefusal ? `Put a token into ${tokenVariable}.` : '');
}

async function post({ url, token }: Endpoint, body: unknown, timeoutMs: number): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
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

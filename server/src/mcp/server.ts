/** Decides what one MCP server instance answers: a few handlers over tools that were rendered once, and over what can be read. */
import {
  type AuthInfo,
  type CallToolResult,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { anonymous, type Caller } from '../auth/caller.ts';
import { requestIdOf } from '../auth/request-id.ts';
import type { Tool, ToolCall } from '../tools/define.ts';
import type { Asked, McpContents } from './contents.ts';
import { echoed } from './echo.ts';
import { instructions } from './instructions.ts';
import { listedInput, listedOutput } from './listed-schema.ts';

export type McpServices = {
  tools: readonly Tool[];
  /** Runs a tool, and never throws. `exchange` is there where a tool could ask its caller something; none of ours does. */
  runTool: (
    tool: Tool,
    args: unknown,
    call: ToolCall,
    exchange?: ServerContext,
  ) => Promise<CallToolResult | InputRequiredResult>;
  version: string;
  /** What there is besides tools; without it the server offers tools alone. */
  contents?: McpContents;
};

/** How the server names itself. */
export function serverInfo(version: string): { name: string; title: string; version: string } {
  return { name: 'codesage', title: 'CodeSage', version };
}

/** Tools as tools/list shows them. */
export function describeTools(tools: readonly Tool[]) {
  return tools.map(({ name, title, description, inputSchema, outputSchema, annotations }) => ({
    name,
    title,
    description,
    inputSchema: listedInput(inputSchema),
    outputSchema: listedOutput(outputSchema),
    annotations,
  }));
}

/** Milliseconds for which clients may keep tools/list and server/discover; they only change with the server's version. */
const listTtlMs = 300_000;

/** The cache hint of lists, for clients of the 2026-07-28 era. */
export const listCacheHint = { ttlMs: listTtlMs, cacheScope: 'public' } as const;

/** What a caller reads depends on whose codebases they may see, and changes with every published version. */
const contentCacheHint = { ttlMs: 15_000, cacheScope: 'private' } as const;

const cacheHints = {
  'tools/list': listCacheHint,
  'server/discover': listCacheHint,
  'prompts/list': listCacheHint,
  'resources/templates/list': listCacheHint,
  'resources/list': contentCacheHint,
  'resources/read': contentCacheHint,
};

/** Makes a factory of server instances. An instance is cheap: all that is shared is built here, once. */
export function createMcpServerFactory({ tools, runTool, version, contents }: McpServices): () => Server {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const listed = describeTools(tools);
  return function createServer() {
    const server = new Server(serverInfo(version), {
      capabilities: { tools: {}, ...(contents !== undefined && { resources: {}, prompts: {}, completions: {} }) },
      instructions,
      cacheHints,
      // Only elicitation needs one, which we don't use; the default would load a validator an instance.
      jsonSchemaValidator: {
        getValidator: () => () => ({ valid: false, data: undefined, errorMessage: 'unsupported' }),
      },
    });
    server.setRequestHandler('tools/list', () => ({ tools: listed }));
    server.setRequestHandler('tools/call', async (request, context) => {
      const tool = byName.get(request.params.name);
      if (tool === undefined) {
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          `Unknown tool: ${echoed(request.params.name)}. Tools: ${[...byName.keys()].join(', ')}.`,
        );
      }
      return runTool(tool, request.params.arguments, toToolCall(context), context);
    });
    if (contents !== undefined) serveContents(server, contents);
    return server;
  };
}

function serveContents(server: Server, { resources, prompts, complete }: McpContents): void {
  server.setRequestHandler('resources/list', ({ params }, context) => resources.list(params?.cursor, askedBy(context)));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [...resources.templates] }));
  server.setRequestHandler('resources/read', ({ params }, context) => resources.read(params.uri, askedBy(context)));
  server.setRequestHandler('prompts/list', () => ({ prompts: [...prompts.listed] }));
  server.setRequestHandler('prompts/get', ({ params }, context) =>
    prompts.get(params.name, params.arguments ?? {}, askedBy(context)),
  );
  server.setRequestHandler('completion/complete', ({ params }, context) => complete(params, askedBy(context)));
}

/** Who asks, and how their request is found again. */
function askedBy(context: ServerContext): Asked {
  const client = context.http?.authInfo?.extra?.client;
  return {
    signal: context.mcpReq.signal,
    caller: callerOf(context),
    requestId: requestIdOf(context.http?.req?.headers.get('x-request-id'), context.mcpReq.id),
    ...(typeof client === 'string' && { client }),
  };
}

/** What the protocol knows of a call, as tools see it. Progress is offered only to callers that asked with a token. */
function toToolCall(context: ServerContext): ToolCall {
  const { _meta, notify } = context.mcpReq;
  const progressToken = _meta?.progressToken;
  const call = askedBy(context);
  if (progressToken === undefined) return call;
  return {
    ...call,
    progress: (update) => {
      // A caller that is gone is told nothing; its signal says so to the tool.
      notify({ method: 'notifications/progress', params: { progressToken, ...update } }).catch(() => {});
    },
  };
}

/** The caller in the form in which the SDK carries one through to a tool's call. The credential itself is not part of it. */
export function authOf(caller: Caller, client?: string): { authInfo: AuthInfo } {
  return { authInfo: { token: '', clientId: caller.name, scopes: [], extra: { caller, client } } };
}

/** Over HTTP a caller always comes along; one that got lost on its way must not pass for one who may see everything. */
function callerOf({ http }: ServerContext): Caller {
  if (http === undefined) return anonymous;
  const caller = http.authInfo?.extra?.caller as Caller | undefined;
  if (caller === undefined)
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'The caller of this request is not known.');
  return caller;
}

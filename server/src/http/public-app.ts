/** Decides what MCP clients find on the http port: a greeting at the root, the protocol at /mcp, and every refusal as JSON. */

import type { HttpBindings } from '@hono/node-server';
import { isJsonContentType } from '@modelcontextprotocol/server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { getPath } from 'hono/utils/url';
import type { Logger } from 'pino';
import { endpoints, type ServerConfig } from '../contract.ts';
import type { McpEndpoint } from '../mcp/endpoint.ts';
import { jsonRpcError, rpcCodes } from '../mcp/errors.ts';
import { stripBasePath } from './base-path.ts';
import { isNestedDeeperThan } from './json-depth.ts';
import { createGate, type Gate, type HttpLimits } from './limits.ts';
import { isHostAllowed, isOriginAllowed } from './origin.ts';

export type PublicAppOptions = {
  config: ServerConfig['http'];
  mcp: McpEndpoint;
  limits: HttpLimits;
  version: string;
  /** Address the server is bound to; undefined is every interface. */
  boundHost?: string | undefined;
  log: Logger;
  observe: (route: string, status: number) => void;
};

/** Answers preflights, and lets the page read the answers: without that a browser keeps them from an allowed page, too. */
const shareWithPage = cors({
  origin: (origin) => origin,
  allowMethods: ['GET', 'POST'],
  exposeHeaders: ['Retry-After'],
  maxAge: 600,
});

/** Makes the app; `app.request()` serves tests without sockets. */
export function createPublicApp({ config, mcp, limits, version, boundHost, log, observe }: PublicAppOptions): Hono {
  const app = new Hono({ getPath: (request) => stripBasePath(getPath(request), config.basePath) });
  const gate = createGate(limits.concurrency);
  // Requests that are slow to arrive must not take the places of those that can be worked on.
  const arrivals = createGate(limits.arrivals);

  app.use(async (context, next) => {
    await next();
    const path = stripBasePath(context.req.path, config.basePath);
    observe(path === endpoints.mcp || path === endpoints.root ? path : 'other', context.res.status);
  });

  app.use(async (context, next) => {
    const host = context.req.header('host');
    if (!isHostAllowed(host, boundHost))
      return jsonRpcError(
        403,
        rpcCodes.refused,
        `Host ${host ?? '(none)'} is not served here. Use localhost, or start with --host.`,
      );
    const origin = context.req.header('origin');
    if (origin === undefined) return next();
    if (isOriginAllowed(origin, host, config.allowedOrigins)) return shareWithPage(context, next);
    return jsonRpcError(403, rpcCodes.refused, `Origin ${origin} is not allowed. Add it to http.allowedOrigins.`);
  });

  app.get(endpoints.root, (context) =>
    context.json({
      message: 'CodeSage MCP Server is running!',
      version,
      mcp: `${config.basePath.replace(/\/+$/, '')}${endpoints.mcp}`,
    }),
  );

  app.on(['GET', 'DELETE'], endpoints.mcp, () =>
    jsonRpcError(405, rpcCodes.refused, 'This server is stateless: send each message by POST.', null, undefined, {
      Allow: 'POST',
    }),
  );

  const tooLarge = () => jsonRpcError(413, rpcCodes.refused, `The request is larger than ${limits.bodyBytes} bytes.`);
  const countBody = bodyLimit({ maxSize: limits.bodyBytes, onError: tooLarge });
  app.use(endpoints.mcp, (context, next) => {
    // Counting makes the body a stream, which costs more than the whole request; a stated length spares it.
    const length = context.req.header('content-length');
    if (length === undefined) return countBody(context, next);
    return Number(length) <= limits.bodyBytes ? next() : Promise.resolve(tooLarge());
  });
  app.post(endpoints.mcp, async (context) => {
    if (!isJsonContentType(context.req.header('content-type') ?? null)) {
      return jsonRpcError(415, rpcCodes.refused, 'Send the message as application/json.');
    }
    const text = await whileInside(arrivals, () => context.req.text());
    if (text instanceof Response) return text;
    const body = parseBody(text, limits.jsonDepth);
    if (body instanceof Response) return body;
    return whileInside(gate, () => mcp.handle(context.req.raw, body.value, abandonment(context)));
  });

  app.notFound((context) =>
    context.json({ error: `There is nothing at ${context.req.path}. MCP is at ${endpoints.mcp}.` }, 404),
  );
  app.onError((error) => {
    log.error({ err: error }, 'HTTP request failed unexpectedly');
    return jsonRpcError(500, rpcCodes.internal, 'Internal server error');
  });
  return app;
}

/** What `work` gives, or a refusal when the gate is full. */
async function whileInside<T>(gate: Gate, work: () => Promise<T>): Promise<T | Response> {
  if (!gate.tryEnter()) {
    return jsonRpcError(429, rpcCodes.refused, 'Too many requests at once. Try again in a second.', null, undefined, {
      'Retry-After': '1',
    });
  }
  try {
    return await work();
  } finally {
    gate.leave();
  }
}

/** Aborts when the connection closes before the answer is out. Request.signal says the same at a higher cost. */
function abandonment(context: Context): AbortSignal {
  // Absent where tests call the app without a socket.
  const outgoing = (context.env as Partial<HttpBindings> | undefined)?.outgoing;
  if (outgoing === undefined) return context.req.raw.signal;
  const controller = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) controller.abort();
  });
  return controller.signal;
}

function parseBody(text: string, maxDepth: number): { value: unknown } | Response {
  if (isNestedDeeperThan(text, maxDepth))
    return jsonRpcError(400, rpcCodes.invalidRequest, `The request is nested deeper than ${maxDepth} levels.`);
  try {
    return { value: JSON.parse(text) };
  } catch {
    return jsonRpcError(400, rpcCodes.parse, 'Parse error: the request body is not valid JSON.');
  }
}

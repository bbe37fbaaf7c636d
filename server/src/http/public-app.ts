/** Decides what MCP clients find on the http port: a greeting at the root, the protocol at /mcp, and every refusal as JSON. */

import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { getPath } from 'hono/utils/url';
import type { Logger } from 'pino';
import { type Caller, operatorCaller } from '../auth/caller.ts';
import type { AuthGate } from '../auth/gate.ts';
import { isMetadataPath, type ReachedBy } from '../auth/resource.ts';
import { endpoints, headers, type ServerConfig } from '../contract.ts';
import { echoed } from '../mcp/echo.ts';
import type { McpEndpoint } from '../mcp/endpoint.ts';
import { jsonRpcError, rpcCodes } from '../mcp/errors.ts';
import { createAdmission } from './admission.ts';
import { stripBasePath } from './base-path.ts';
import { holdsToken } from './internal-token.ts';
import type { HttpLimits } from './limits.ts';
import { type Bindings, createMcpPost } from './mcp-post.ts';
import { isHostAllowed, isOriginAllowed } from './origin.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** Who was let in. */
    caller: Caller;
  }
}

export type PublicAppOptions = {
  config: ServerConfig['http'];
  mcp: McpEndpoint;
  /** Who may call /mcp. The root, and where to get a token, are for everybody. */
  auth: AuthGate;
  /** The internal token's text now, or undefined when there is none. Its holder is the operator. */
  readToken?: () => string | undefined;
  /** As they are now: they follow a reload. */
  limits: () => HttpLimits;
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
  exposeHeaders: ['Retry-After', 'WWW-Authenticate', 'Mcp-Session-Id'],
  maxAge: 600,
});

/** Makes the app; `app.request()` serves tests without sockets. */
export function createPublicApp(options: PublicAppOptions): Hono {
  const { config, mcp, auth, limits, version, boundHost, log, observe, readToken } = options;
  const app = new Hono({ getPath: (request) => stripBasePath(getPath(request), config.basePath) });
  const admission = createAdmission(limits);
  const answerPost = createMcpPost({ mcp, admission, limits });

  app.use(async (context, next) => {
    await next();
    const path = stripBasePath(context.req.path, config.basePath);
    observe(path === endpoints.mcp || path === endpoints.root ? path : 'other', context.res.status);
  });

  app.use(async (context, next) => {
    const host = context.req.header('host');
    if (!isHostAllowed(host, boundHost, config.allowedHosts))
      return jsonRpcError(403, rpcCodes.refused, `Host ${echoed(host ?? '(none)')} is not served here. ${hostRemedy}`);
    const origin = context.req.header('origin');
    if (origin === undefined) return next();
    if (isOriginAllowed(origin, host, config.allowedOrigins)) return shareWithPage(context, next);
    return jsonRpcError(
      403,
      rpcCodes.refused,
      `Origin ${echoed(origin)} is not allowed. Add it to http.allowedOrigins.`,
    );
  });

  app.get(endpoints.root, (context) =>
    context.json({
      message: 'CodeSage MCP Server is running!',
      version,
      mcp: `${config.basePath.replace(/\/+$/, '')}${endpoints.mcp}`,
    }),
  );

  app.get(`${endpoints.protectedResource}/*`, (context, next) => {
    const isAskedFor = isMetadataPath(context.req.path, config.basePath);
    const document = isAskedFor ? auth.metadata(reachedBy(context, config.basePath)) : undefined;
    // What it says may depend on the Host header, so it must not be kept for others.
    return document === undefined
      ? next()
      : Promise.resolve(context.json(document, 200, { 'Cache-Control': 'no-store' }));
  });

  app.use(endpoints.mcp, async (context, next) => {
    // A preflight carries no credential; what it is about does.
    if (context.req.method === 'OPTIONS') return next();
    const internal = context.req.header(headers.internalToken);
    if (internal !== undefined && holdsToken(`Bearer ${internal}`, readToken?.()?.trim() ?? '')) {
      context.set('caller', operatorCaller);
      return next();
    }
    const { url } = context.req;
    const authorization = context.req.header('authorization');
    const judged = auth.admit({ url, authorization, reachedBy: () => reachedBy(context, config.basePath) });
    const admitted = judged instanceof Promise ? await judged : judged;
    if (admitted.challenge !== undefined) {
      const { status, message, headers: challenge } = admitted.challenge;
      return jsonRpcError(status, rpcCodes.refused, message, null, undefined, challenge);
    }
    context.set('caller', admitted.caller);
    return next();
  });

  app.on(['GET', 'DELETE'], endpoints.mcp, () =>
    jsonRpcError(405, rpcCodes.refused, 'This server is stateless: send each message by POST.', null, undefined, {
      Allow: 'POST',
    }),
  );

  const tooLarge = () => jsonRpcError(413, rpcCodes.refused, `The request is larger than ${limits().bodyBytes} bytes.`);
  app.use(endpoints.mcp, (context, next) => {
    // Counting makes the body a stream, which costs more than the whole request; a stated length spares it.
    const length = context.req.header('content-length');
    if (length === undefined) return bodyLimit({ maxSize: limits().bodyBytes, onError: tooLarge })(context, next);
    return Number(length) <= limits().bodyBytes ? next() : Promise.resolve(tooLarge());
  });
  app.post(endpoints.mcp, (context) =>
    answerPost(
      context.req.raw,
      (context.env ?? {}) as Bindings,
      context.req.header('content-type'),
      context.get('caller'),
    ),
  );

  app.notFound((context) =>
    context.json({ error: `There is nothing at ${echoed(context.req.path)}. MCP is at ${endpoints.mcp}.` }, 404),
  );
  app.onError((error) => {
    log.error({ err: error }, 'HTTP request failed unexpectedly');
    return jsonRpcError(500, rpcCodes.internal, 'Internal server error');
  });
  return app;
}

function reachedBy(context: Context, basePath: string): ReachedBy {
  return { host: context.req.header('host'), forwardedProto: context.req.header('x-forwarded-proto'), basePath };
}

const hostRemedy = 'Use localhost or an address, add the name to http.allowedHosts, or start with --host.';

/** Decides by which way the operator's own requests reach a server's Services: by DNS in a cluster, else through the API server. */
import { request as undiciRequest } from 'undici';
import type { Connection } from '../runtime/connection.ts';

export type ServiceTarget = { namespace: string; service: string; port: number };

export type ServiceRequest = {
  method: 'GET' | 'POST';
  path: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
};

export type ServiceResponse = { status: number; contentType: string; text: string };

/** Sends one request to a Service. Rejects when no answer came. */
export type ServiceAccess = (target: ServiceTarget, request: ServiceRequest) => Promise<ServiceResponse>;

/** More than any answer that the operator asks for; a larger one is somebody else's. */
const longestAnswerBytes = 8 * 1024 * 1024;

async function readLimited(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > longestAnswerBytes) throw new Error(`the answer is longer than ${longestAnswerBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

type Endpoint = { url: string; headers?: Record<string, string>; dispatcher?: Parameters<typeof undiciRequest>[1] };

/** Sends requests to wherever `locate` says a Service is. Tests locate it on loopback. */
export function createAccess(
  locate: (target: ServiceTarget, path: string) => Endpoint | Promise<Endpoint>,
): ServiceAccess {
  return async (target, { method, path, headers, body, timeoutMs, signal }) => {
    const endpoint = await locate(target, path);
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await undiciRequest(endpoint.url, {
      ...endpoint.dispatcher,
      method,
      headers: { ...headers, ...endpoint.headers },
      body: body ?? null,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const text = await readLimited(response.body);
    return { status: response.statusCode, contentType: String(response.headers['content-type'] ?? ''), text };
  };
}

/** By the Service's DNS name; for an operator that runs in the cluster. */
export function createDnsAccess(): ServiceAccess {
  return createAccess(({ namespace, service, port }, path) => ({
    url: `http://${service}.${namespace}.svc:${port}${path}`,
  }));
}

/** Through the API server's service proxy; for an operator that runs outside. It drops the Authorization header. */
export function createProxyAccess(connection: Connection): ServiceAccess {
  return createAccess(async ({ namespace, service, port }, path) => {
    const { headers, dispatcher } = await connection.credentials();
    const root = `${connection.server}/api/v1/namespaces/${namespace}/services/http:${service}:${port}/proxy`;
    return { url: `${root}${path}`, headers, dispatcher: { dispatcher } };
  });
}

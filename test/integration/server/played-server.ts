/** Decides what server pods answer the operator, over real HTTP on loopback: the admin status, and MCP. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AdminStatus, endpoints, ports } from '@codesage/server/contract';
import { createAccess, type ServiceAccess } from '../../../operator/src/server/access.ts';

type CodebaseStatus = AdminStatus['codebases'][number];

/** A codebase with a published index. */
export function indexed(name = 'code', change: Partial<CodebaseStatus> = {}): CodebaseStatus {
  return {
    name,
    state: 'Ready',
    revision: 'a'.repeat(40),
    files: 120,
    chunks: 900,
    indexedAt: '2026-01-01T00:00:00.000Z',
    skipped: {},
    ...change,
  };
}

/** A codebase without an index and with a problem. */
export function failing(
  code: NonNullable<CodebaseStatus['problem']>['code'],
  message: string,
  name = 'code',
): CodebaseStatus {
  return {
    name,
    state: 'Failed',
    files: 0,
    chunks: 0,
    skipped: {},
    problem: { code, message, since: '2026-01-01T00:00:00.000Z' },
  };
}

export type Behaviour = {
  codebases: CodebaseStatus[];
  hitRate: number;
  searchFails: boolean;
  index: Partial<AdminStatus['index']>;
};

export type PlayedServers = {
  access: ServiceAccess;
  /** Changes what pods of this namespace answer. */
  behave(namespace: string, change: Partial<Behaviour>): void;
  /** Bearer tokens that were sent to this namespace, in order. */
  tokens(namespace: string): string[];
  /** Requests to this namespace by path. */
  count(namespace: string, path: string): number;
  stop(): Promise<void>;
};

function adminStatus({ codebases, hitRate, index }: Behaviour): AdminStatus {
  return {
    version: '0.0.0-test',
    startedAt: '2026-01-01T00:00:00.000Z',
    health: { http: 'ok', mcp: 'ok', memory: 'ok', index: 'ok' },
    codebases,
    index: { sizeBytes: 1_234_567, formatVersion: 1, embedding: 'test', ...index },
    volume: { capacityBytes: 1e9, usedBytes: 1e8, usedPercent: 10 },
    cache: { hitRate },
    embeddedChunks: 900,
    memory: { rssBytes: 1e8, peakRssBytes: 1e8, maxBytes: 2e9 },
  };
}

function mcpAnswer(method: string, { searchFails }: Behaviour): object {
  if (method === 'initialize')
    return { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'CodeSage', version: '0.0.0-test' } };
  return { isError: searchFails, content: [{ type: 'text', text: searchFails ? 'the index is closed' : 'found' }] };
}

export async function startPlayedServers(): Promise<PlayedServers> {
  const behaviours = new Map<string, Behaviour>();
  const seen: { namespace: string; path: string; token: string }[] = [];
  const behaviourOf = (namespace: string): Behaviour =>
    behaviours.get(namespace) ?? { codebases: [indexed()], hitRate: 0.5, searchFails: false, index: {} };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, namespace = '', port, ...rest] = (request.url ?? '').split('/');
    const path = `/${rest.join('/')}`;
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    seen.push({ namespace, path, token });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const behaviour = behaviourOf(namespace);
    const isAdmin = path === endpoints.adminStatus && port === String(ports.internal);
    const { id, method } = isAdmin ? { id: 0, method: '' } : JSON.parse(Buffer.concat(parts).toString());
    const body = isAdmin ? adminStatus(behaviour) : { jsonrpc: '2.0', id, result: mcpAnswer(method, behaviour) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    access: createAccess(({ namespace, port }, path) => ({ url: `${root}/${namespace}/${port}${path}` })),
    behave: (namespace, change) => void behaviours.set(namespace, { ...behaviourOf(namespace), ...change }),
    tokens: (namespace) =>
      seen.filter((request) => request.namespace === namespace && request.token !== '').map(({ token }) => token),
    count: (namespace, path) =>
      seen.filter((request) => request.namespace === namespace && request.path === path).length,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

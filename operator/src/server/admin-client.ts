/** Decides how a server's own view of itself is asked for, and how a failure to get it is told. */
import { adminStatusSchema, endpoints, headers, ports } from '@codesage/server/contract';
import { z } from 'zod';
import type { CodeSageServer } from '../api/kinds.ts';
import type { ServiceAccess } from './access.ts';
import { childNames } from './names.ts';
import type { AdminAnswer } from './observed.ts';

const timeoutMs = 3_000;

export type AdminClient = (server: CodeSageServer, token: string, signal?: AbortSignal) => Promise<AdminAnswer>;

/** Asks `GET /admin/v1/status` through the internal Service. It never rejects. */
export function createAdminClient(access: ServiceAccess): AdminClient {
  return async (server, token, signal) => {
    const { name, namespace } = server.metadata;
    const target = { namespace, service: childNames(name).internalService, port: ports.internal };
    try {
      const { status, text } = await access(target, {
        method: 'GET',
        path: endpoints.adminStatus,
        headers: { authorization: `Bearer ${token}`, [headers.internalToken]: token },
        timeoutMs,
        signal,
      });
      return status === 200
        ? parseStatus(text)
        : { state: 'failed', message: `${endpoints.adminStatus} answered ${status}` };
    } catch (error) {
      return { state: 'failed', message: `Service ${target.service} does not answer (${causeOf(error)})` };
    }
  };
}

function parseStatus(text: string): AdminAnswer {
  try {
    const parsed = adminStatusSchema.safeParse(JSON.parse(text));
    if (parsed.success) return { state: 'answered', status: parsed.data };
    return {
      state: 'failed',
      message: `${endpoints.adminStatus} answered something else than expected (${z.prettifyError(parsed.error).split('\n')[0]}): the image may be of another version`,
    };
  } catch {
    return { state: 'failed', message: `${endpoints.adminStatus} did not answer JSON` };
  }
}

/** A short cause without addresses and times, which would differ from try to try. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown cause';
  const { code, name } = error as { code?: string; name: string };
  if (name === 'TimeoutError') return 'timed out';
  return code ?? name;
}

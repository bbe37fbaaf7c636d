/** Decides whether a stored CodeSageServer can be understood, and whether it asks to be left alone. */
import { z } from 'zod';
import { annotations, apiVersion } from '../api/group.ts';
import { type CodeSageServer, serverKind } from '../api/kinds.ts';
import { serverSpecSchema } from '../api/server-spec.ts';
import type { Live } from '../runtime/resource.ts';
import type { ServerObject } from './caches.ts';

export type Parsed = { ok: true; server: CodeSageServer } | { ok: false; problem: string };

/** The object with all defaults; an object of another version's schema may not parse. */
export function parseServer(object: Live<ServerObject>): Parsed {
  const spec = serverSpecSchema.safeParse(object.spec);
  if (!spec.success) return { ok: false, problem: z.prettifyError(spec.error).replaceAll('\n', ' ') };
  const metadata = { ...object.metadata, namespace: object.metadata.namespace ?? '' };
  const server = { apiVersion, kind: serverKind.kind, metadata, spec: spec.data };
  return { ok: true, server: object.status === undefined ? server : { ...server, status: object.status } };
}

/** True when the operator is to touch nothing. */
export function isPaused({ spec, metadata }: Pick<CodeSageServer, 'spec' | 'metadata'>): boolean {
  return spec.paused || metadata.annotations?.[annotations.reconcile] === 'disabled';
}

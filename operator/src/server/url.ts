/** Decides the URL at which MCP clients reach a server: the most public way that is configured. */
import { endpoints } from '@codesage/server/contract';
import type { CodeSageServer } from '../api/kinds.ts';
import { childNames } from './names.ts';
import type { Observed } from './observed.ts';

/** The URL behind the Ingress, where the spec alone tells it: nothing without an Ingress, or when it takes every host. */
export function publicUrlOf({ spec: { ingress } }: CodeSageServer, address?: string): string | undefined {
  if (ingress === undefined) return undefined;
  // A wildcard is no host that one could connect to.
  const named = ingress.host?.startsWith('*') ? undefined : ingress.host;
  const host = named ?? address;
  const path = ingress.path === '/' ? '' : ingress.path;
  return host === undefined ? undefined : `${ingress.tls ? 'https' : 'http'}://${host}${path}${endpoints.mcp}`;
}

/** The URL, for `status.url` and people. */
export function urlOf({ server, service, ingress }: Pick<Observed, 'server' | 'service' | 'ingress'>): string {
  const { spec, metadata } = server;
  const [address] = ingress?.status?.loadBalancer?.ingress ?? [];
  const behindIngress = publicUrlOf(server, address?.hostname ?? address?.ip);
  if (behindIngress !== undefined) return behindIngress;
  const [external] = service?.status?.loadBalancer?.ingress ?? [];
  const host = external?.hostname ?? external?.ip ?? `${childNames(metadata.name).service}.${metadata.namespace}.svc`;
  return `http://${host}:${spec.service.port}${endpoints.mcp}`;
}

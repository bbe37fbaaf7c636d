/** Decides the URL at which MCP clients reach a server: the most public way that is configured. */
import { endpoints } from '@codesage/server/contract';
import { childNames } from './names.ts';
import type { Observed } from './observed.ts';

/** The URL, for `status.url` and people. */
export function urlOf({ server, service, ingress }: Pick<Observed, 'server' | 'service' | 'ingress'>): string {
  const { spec, metadata } = server;
  if (spec.ingress !== undefined) {
    const [address] = ingress?.status?.loadBalancer?.ingress ?? [];
    // A wildcard is no host that one could connect to.
    const named = spec.ingress.host?.startsWith('*') ? undefined : spec.ingress.host;
    const host = named ?? address?.hostname ?? address?.ip;
    const path = spec.ingress.path === '/' ? '' : spec.ingress.path;
    if (host !== undefined) return `${spec.ingress.tls ? 'https' : 'http'}://${host}${path}${endpoints.mcp}`;
  }
  const [external] = service?.status?.loadBalancer?.ingress ?? [];
  const host = external?.hostname ?? external?.ip ?? `${childNames(metadata.name).service}.${metadata.namespace}.svc`;
  return `http://${host}:${spec.service.port}${endpoints.mcp}`;
}

/** Decides what clients are told of this server as an OAuth 2.0 protected resource, and under which URLs (RFC 9728). */
import type { AuthSettings } from '../contract.ts';
import { endpoints } from '../contract.ts';

/** What of a request tells by which URL the server was reached. */
export type ReachedBy = { host: string | undefined; forwardedProto: string | undefined; basePath: string };

/** A name or an address, with a port or without; nothing that could change the rest of a URL. */
const hostForm = /^(?:[a-z0-9](?:[a-z0-9.-]{0,253}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/**
 * The URL of /mcp as clients know it; undefined where nothing trustworthy tells. Without a configured one it is made of the
 * Host header, and so only ever told to whoever sent that header.
 */
export function resourceURL({ resourceURL: configured }: AuthSettings, by: ReachedBy): string | undefined {
  if (configured !== undefined) return configured;
  const { host, forwardedProto, basePath } = by;
  if (host === undefined || !hostForm.test(host)) return undefined;
  const scheme = forwardedProto === 'https' ? 'https' : 'http';
  return `${scheme}://${host}${prefixOf(basePath)}${endpoints.mcp}`;
}

/**
 * Where the document about a resource is. At a host of its own this is the place that RFC 9728, section 3.1 gives it;
 * below a prefix, of which an ingress passes on nothing else, it is below the prefix.
 */
export function metadataURL(resource: string): string {
  const { origin, pathname } = new URL(resource);
  const prefix = pathname.endsWith(endpoints.mcp) ? pathname.slice(0, -endpoints.mcp.length) : '';
  return `${origin}${prefix}${endpoints.protectedResource}${prefix === '' ? pathname.replace(/\/$/, '') : endpoints.mcp}`;
}

/** True for the paths under which the document is looked for: with and without the resource's own path behind it. */
export function isMetadataPath(path: string, basePath: string): boolean {
  const prefix = prefixOf(basePath);
  const inside = prefix !== '' && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
  if (!inside.startsWith(endpoints.protectedResource)) return false;
  const rest = inside.slice(endpoints.protectedResource.length).replace(/\/$/, '');
  return ['', endpoints.mcp, prefix, `${prefix}${endpoints.mcp}`].includes(rest);
}

/** The document, in the mode OIDC; other modes have no authorization server to name. */
export function metadataOf({ mode, oidc }: AuthSettings, resource: string): Record<string, unknown> | undefined {
  if (mode !== 'OIDC' || oidc === undefined) return undefined;
  return {
    resource,
    authorization_servers: [oidc.issuerURL],
    bearer_methods_supported: ['header'],
    // Scopes of single codebases are left out: they would tell everybody what there is.
    ...(oidc.requiredScopes.length > 0 && { scopes_supported: oidc.requiredScopes }),
    resource_name: 'CodeSage',
  };
}

function prefixOf(basePath: string): string {
  return basePath.replace(/\/+$/, '');
}

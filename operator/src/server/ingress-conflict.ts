/** Decides whether another Ingress already serves the host and path that a server asks for: the older one keeps them. */
import type { ServerSpec } from '../api/server-spec.ts';
import type { Live } from '../runtime/resource.ts';
import type { Ingress } from '../runtime/resources.ts';

type Wanted = NonNullable<ServerSpec['ingress']>;

function normalised(path: string | undefined): string {
  const trimmed = (path ?? '/').replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed;
}

/** True when `ingress` has a rule for the same host and path, for a controller that may be the same one. */
export function servesSame(ingress: Ingress, { className, host, path }: Wanted): boolean {
  const otherClass = ingress.spec?.ingressClassName;
  if (className !== undefined && otherClass !== undefined && className !== otherClass) return false;
  return (ingress.spec?.rules ?? []).some(
    (rule) =>
      (rule.host ?? '') === (host ?? '') &&
      (rule.http?.paths ?? []).some((entry) => normalised(entry.path) === normalised(path)),
  );
}

function isOlder(a: Live<Ingress>, b: Live<Ingress>): boolean {
  const rank = ({ metadata }: Live<Ingress>) =>
    `${metadata.creationTimestamp ?? ''} ${metadata.namespace}/${metadata.name}`;
  return rank(a) < rank(b);
}

/**
 * The Ingress of someone else that has the host and path first, or undefined.
 * @param own the server's own Ingress, if there is one already.
 */
export function findConflict(
  wanted: Wanted | undefined,
  own: Live<Ingress> | undefined,
  others: readonly Live<Ingress>[],
): Live<Ingress> | undefined {
  if (wanted === undefined) return undefined;
  return others.find(
    (other) =>
      other.metadata.uid !== own?.metadata.uid &&
      servesSame(other, wanted) &&
      (own === undefined || isOlder(other, own)),
  );
}

/** Decides which image the pods run: that of the spec, completed by the operator's default. */
import type { ServerSpec } from '../../api/server-spec.ts';

type ImageParts = { repository: string; tag?: string; digest?: string };

/** Splits `host:port/path:tag@digest`; a colon before the last slash belongs to the host. */
export function parseImage(image: string): ImageParts {
  const [named = '', digest] = image.split('@');
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  return {
    repository: tagged ? named.slice(0, colon) : named,
    ...(tagged && { tag: named.slice(colon + 1) }),
    ...(digest !== undefined && { digest }),
  };
}

/** The reference that the pods get. A digest wins over a tag; a spec that names neither takes the default's. */
export function imageOf(image: ServerSpec['image'], fallback: string): string {
  const standard = parseImage(fallback);
  const repository = image.repository ?? standard.repository;
  if (image.digest !== undefined) return `${repository}@${image.digest}`;
  if (image.tag !== undefined) return `${repository}:${image.tag}`;
  // The default's digest names the default's image, not another repository's.
  if (standard.digest !== undefined && image.repository === undefined) return `${repository}@${standard.digest}`;
  return standard.tag === undefined ? repository : `${repository}:${standard.tag}`;
}

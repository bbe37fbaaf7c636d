/** Decides where the server's paths lie when an ingress serves it below a prefix: with the prefix and without it. */

/** `path` without `basePath` in front, if it is there as whole segments. */
export function stripBasePath(path: string, basePath: string): string {
  const prefix = basePath.replace(/\/+$/, '');
  if (prefix === '' || !path.startsWith(prefix)) return path;
  const rest = path.slice(prefix.length);
  if (rest === '') return '/';
  return rest.startsWith('/') ? rest : path;
}

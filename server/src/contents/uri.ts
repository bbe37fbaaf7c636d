/** Decides how a codebase and a file of it are written as addresses of resources, and what such an address names. */

export const uriTemplate = 'codesage://{codebase}/{+path}';

/** What an address names: a codebase, or with `path` a file of it. */
export type Named = { codebase: string; path?: string };

/** The address. What has a meaning in one (`?`, `#`, `%`, spaces) is encoded in a path; slashes stay. */
export function uriOf({ codebase, path }: Named): string {
  const base = `codesage://${encodeURIComponent(codebase)}`;
  return path === undefined ? base : `${base}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/**
 * Reads an address, or returns undefined when it is none. A path is not made clean: whether it leaves the codebase is for
 * the engine to judge, over what was really asked for.
 */
export function parseUri(uri: string): Named | undefined {
  const [, host = '', rest] = /^codesage:\/\/([^/?#]+)(?:\/([^?#]*))?$/i.exec(uri) ?? [];
  if (host === '') return undefined;
  try {
    const codebase = decodeURIComponent(host);
    return rest === undefined || rest === '' ? { codebase } : { codebase, path: decodeURIComponent(rest) };
  } catch {
    return undefined;
  }
}

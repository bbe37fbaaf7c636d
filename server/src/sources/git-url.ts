/** Decides how a clone URL is understood, so that no secret in it reaches a command line, a log or a configuration file. */

export type GitRemote = {
  /** The URL as git gets it, without user name and password. */
  url: string;
  protocol: 'https' | 'http' | 'ssh' | 'git' | 'file';
  /** `host` or `host:port`, as git names it when it asks for a password. */
  host: string;
  /** What was written into the URL. */
  username?: string;
  password?: string;
};

const scpLike = /^(?:[^@/:]+@)?([^/:]+):(?!\/\/|:)/;
const protocols = new Set(['https', 'http', 'ssh', 'git', 'file']);

/** Understands a clone URL, `user@host:path` or an absolute path; undefined for anything else. */
export function parseGitUrl(text: string): GitRemote | undefined {
  if (text.startsWith('/')) return { url: `file://${text}`, protocol: 'file', host: '' };
  if (!text.includes('://')) {
    const match = scpLike.exec(text);
    return match === null || text.startsWith('-') ? undefined : { url: text, protocol: 'ssh', host: match[1] ?? '' };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const protocol = url?.protocol.slice(0, -1) ?? '';
  if (url === undefined || !protocols.has(protocol) || url.host.startsWith('-')) return undefined;
  const remote: GitRemote = { url: '', protocol: protocol as GitRemote['protocol'], host: url.host };
  const isSsh = protocol === 'ssh';
  if (url.username !== '' && !isSsh) {
    // A token alone stands in the user's place.
    const [name, secret] = url.password === '' ? ['git', url.username] : [url.username, url.password];
    remote.username = decodeURIComponent(name);
    remote.password = decodeURIComponent(secret);
    url.username = '';
  }
  url.password = '';
  remote.url = url.href;
  return remote;
}

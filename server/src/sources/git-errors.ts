/** Decides what a failure of git means, from the only thing it tells: English text on stderr. */
import type { ProblemCode } from '../contract.ts';
import { CodeSageError } from '../errors.ts';

type GitFailure = { code: ProblemCode; pattern: RegExp; remedy: string };

/** First match wins: authentication is tried before reachability, as its messages often end in "could not read". */
const failures: readonly GitFailure[] = [
  {
    code: 'VolumeFull',
    pattern:
      /no space left on device|disk quota exceeded|unable to write (?:sha1|loose object) file|write error: no space/i,
    remedy: 'Enlarge the volume (spec.storage.size); the sync is tried again by itself.',
  },
  {
    code: 'GitAuthenticationFailed',
    pattern:
      /authentication failed|could not read (?:username|password)|terminal prompts disabled|permission denied \((?:publickey|password)|invalid (?:username|credentials)|returned error: 40[13]|http basic: access denied|host key verification failed|no (?:matching )?host key is known|remote host identification has changed|repository .*not found|load key .*(?:invalid|error)|access denied/i,
    remedy:
      'Check the Secret of the source: username and password (a token) for https; ssh-privatekey and known_hosts for ssh; and that they may read this repository.',
  },
  {
    code: 'GitRefNotFound',
    pattern:
      /couldn't find remote ref|remote branch .* not found|not our ref|unknown revision|bad revision|does not point to a commit|no such remote ref|not a valid object name|upload-pack: not our ref|reference is not a tree/i,
    remedy: 'Set git.ref to a branch, tag or commit that exists, or leave it out for the default branch.',
  },
  {
    code: 'GitUnreachable',
    pattern:
      /could not resolve host|couldn't connect|connection (?:refused|timed out|reset)|failed to connect|network is unreachable|no route to host|operation timed out|operation too slow|ssl certificate problem|server certificate verification failed|certificate (?:has expired|verify failed)|gnutls|openssl|temporary failure in name resolution|name or service not known|does not appear to be a git repository|repository .* does not exist|unable to access|the remote end hung up|could not read from remote repository|early eof|returned error: (?:5\d\d|404|429)/i,
    remedy:
      'Check git.url, that the host can be reached from this pod (DNS, network policy, proxy), and its certificate authority (git.caSecretRef).',
  },
];

/** The error for a failed git command. `stderr` must not hold secrets. */
export function gitProblem(action: string, stderr: string): CodeSageError {
  const found = failures.find(({ pattern }) => pattern.test(stderr));
  const code = found?.code ?? 'GitFailed';
  const remedy = found?.remedy ?? 'See the log for what git said; the sync is tried again by itself.';
  return new CodeSageError(code, `git ${action} failed: ${lastLines(stderr)}.`, remedy);
}

export function gitTimedOut(action: string, seconds: number): CodeSageError {
  return new CodeSageError(
    'GitUnreachable',
    `git ${action} did not end within ${seconds} seconds.`,
    'Check that the host can be reached and is fast enough; a smaller git.depth makes it quicker.',
  );
}

/** The lines that say what failed, without git's advice. */
function lastLines(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(
      (line) =>
        line !== '' &&
        !/^(?:hint|warning|remote: (?:counting|compressing|enumerating)|receiving|resolving)/i.test(line),
    );
  const said = lines.filter((line) => /fatal|error|denied|not found|failed/i.test(line));
  return (said.length > 0 ? said : lines).slice(-3).join('; ').replace(/\.$/, '').slice(0, 400) || 'it said nothing';
}

/** Decides who holds a token of the mode Token, with the token files as they are now. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import type { AuthSettings } from '../contract.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import type { Caller } from './caller.ts';
import { grantedTo } from './grants.ts';
import { digestOf, readTokenFiles, type TokenFiles } from './token-files.ts';
import type { Authenticator, Verdict } from './verdict.ts';

/** How often the files are looked at. Events of the file system do not tell of every change of a mounted Secret. */
const defaultLookEveryMs = 2000;

type Holder = { digest: Buffer; caller: Caller };

const unknown: Verdict = { refusal: { reason: 'unknown', description: 'The token is not known here.' } };

/**
 * Reads the tokens, and follows their files from then on.
 * @throws CodeSageError `ConfigInvalid` when the directory cannot be listed.
 */
export async function createTokenAuthenticator(
  { tokenDirectory, grants }: Pick<AuthSettings, 'tokenDirectory' | 'grants'>,
  log: Logger,
  lookEveryMs = defaultLookEveryMs,
): Promise<Authenticator> {
  const key = randomBytes(32).toString('hex');
  let holders: readonly Holder[] = [];
  let told = '';
  const take = (files: TokenFiles) => {
    holders = files.entries.map((entry) => holderOf(entry, holders, grants));
    told = tell(files, told, grants, log);
  };
  take(
    await readTokenFiles(tokenDirectory, key).catch((error: unknown) => {
      throw unreadable(tokenDirectory, error);
    }),
  );
  const timer = setInterval(() => {
    readTokenFiles(tokenDirectory, key)
      // A directory that is gone holds no tokens: whoever removed it wants nobody let in.
      .catch((error: unknown) => ({ entries: [], faults: [{ name: '', fault: messageOf(error) }] }))
      .then(
        (files) => !isClosed && take(files),
        () => {},
      );
  }, lookEveryMs).unref();
  let isClosed = false;
  return {
    authenticate: (token) => find(holders, digestOf(token, key)),
    close: () => {
      isClosed = true;
      clearInterval(timer);
    },
  };
}

/** Looks at every token, whichever is the right one and whether any is, so that time tells nothing. */
function find(holders: readonly Holder[], digest: Buffer): Verdict {
  let verdict = unknown;
  for (const { digest: own, caller } of holders) verdict = timingSafeEqual(own, digest) ? { caller } : verdict;
  return verdict;
}

/** A token that stays keeps its caller, and with it what is kept by the caller. */
function holderOf(
  { name, digest }: TokenFiles['entries'][number],
  before: readonly Holder[],
  grants: AuthSettings['grants'],
): Holder {
  const same = before.find((holder) => holder.caller.name === name && holder.digest.equals(digest));
  return same ?? { digest, caller: { name, codebases: grantedTo(name, grants) } };
}

/** Logs what changed since it was last told, and returns what is told now. */
function tell({ entries, faults }: TokenFiles, before: string, grants: AuthSettings['grants'], log: Logger): string {
  const clients = entries.map(({ name }) => name);
  const now = JSON.stringify([clients, faults, entries.map(({ digest }) => digest.toString('base64'))]);
  if (now === before) return now;
  for (const { name, fault } of faults) log.warn({ client: name, fault }, 'A token file is not accepted');
  const nobody = grants.map(({ name }) => name).filter((name) => !clients.includes(name));
  if (nobody.length > 0) log.warn({ clients: nobody }, 'These grants are for clients that have no token');
  if (clients.length === 0) log.warn('There is no token: every request is refused');
  else log.info({ clients: clients.slice(0, 100), count: clients.length }, 'Tokens are read');
  return now;
}

function unreadable(directory: string, error: unknown): CodeSageError {
  return new CodeSageError(
    'ConfigInvalid',
    `auth.tokenDirectory ${directory} cannot be read: ${messageOf(error)}.`,
    'Make the directory, with one file a token; the file name is the name of the client.',
    { cause: error },
  );
}

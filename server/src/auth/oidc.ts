/** Decides how the mode OIDC is put together: discovery, keys, and the judgement of tokens. */
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { AuthSettings, OidcSettings } from '../contract.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import { fetchJson } from './fetch-json.ts';
import { KeySet } from './key-set.ts';
import { createOidcAuthenticator } from './oidc-authenticator.ts';
import { discover } from './provider.ts';
import type { Authenticator } from './verdict.ts';

const fetchTimeoutMs = 5000;

/**
 * Starts to ask the provider for its keys, and does not wait for them: until they are there, requests are told to come again.
 * @throws CodeSageError `ConfigInvalid` when the file of certificate authorities cannot be read.
 */
export async function startOidc(
  oidc: OidcSettings,
  grants: AuthSettings['grants'],
  { log, clock }: { log: Logger; clock: () => number },
): Promise<Authenticator> {
  await readAuthorities(oidc);
  let issuers: string[] = [];
  // Both documents each time: providers move their keys.
  const fetchKeys = async () => {
    const ca = await readAuthorities(oidc);
    const getJson = (url: string) => fetchJson(url, { ca, timeoutMs: fetchTimeoutMs });
    const provider = await discover(oidc, getJson);
    const keys = await getJson(provider.jwksURL);
    issuers = provider.issuers;
    return keys;
  };
  const keys = new KeySet({ fetchKeys, log, clock });
  // The log tells what is wrong; nobody waits for this one.
  keys.current().catch(() => {});
  return createOidcAuthenticator({ oidc, grants, issuers: () => issuers, keys, clock });
}

/** Read every time: a mounted Secret changes. */
async function readAuthorities({ caFile }: OidcSettings): Promise<string | undefined> {
  if (caFile === undefined) return undefined;
  return readFile(caFile, 'utf8').catch((error: unknown) => {
    throw new CodeSageError(
      'ConfigInvalid',
      `auth.oidc.caFile ${caFile} cannot be read: ${messageOf(error)}.`,
      'Name a PEM file of certificate authorities, or leave it out for publicly trusted providers.',
      { cause: error },
    );
  });
}

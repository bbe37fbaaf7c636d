/** Decides SecretsResolved: whether each Secret that the spec names is there with the keys that its use needs. */
import { verdict } from '../../api/conditions.ts';
import type { Observed, SecretFacts } from '../observed.ts';
import { enumerate, firstOf, type Judgement } from './first.ts';

/** `key`: undefined where any will do. `use`: the field that names it. */
type Need = { secret: string; use: string; key: string | undefined };
const sshUrl = /^ssh:\/\/|^[A-Za-z0-9_.-]+@[^/]+:/;

/** Every use of a Secret by a source, with the key that this use cannot do without. */
function sourceNeeds({ server }: Observed): Need[] {
  return server.spec.sources.flatMap(({ name: source, git }) => {
    const needs: Need[] = [];
    if (git?.secretRef) {
      const key = sshUrl.test(git.url) ? 'ssh-privatekey' : 'password';
      needs.push({ secret: git.secretRef.name, use: `source ${source}, git.secretRef`, key });
    }
    if (git?.caSecretRef)
      needs.push({ secret: git.caSecretRef.name, use: `source ${source}, git.caSecretRef`, key: 'ca.crt' });
    return needs;
  });
}

/** Uses of Secrets for clients and for model providers. */
function accessNeeds({ server: { spec } }: Observed): Need[] {
  const { mode, tokenSecretRef, oidc } = spec.auth;
  const tokens = mode === 'Token' ? tokenSecretRef?.name : undefined;
  const authority = mode === 'OIDC' ? oidc?.caSecretRef?.name : undefined;
  return [
    ...(tokens === undefined ? [] : [{ secret: tokens, use: 'auth.tokenSecretRef', key: undefined }]),
    ...(authority === undefined ? [] : [{ secret: authority, use: 'auth.oidc.caSecretRef', key: 'ca.crt' }]),
    ...(spec.llm.providers ?? []).map(({ name, apiKeySecretRef }) => ({
      secret: apiKeySecretRef.name,
      use: `llm provider ${name}, apiKeySecretRef`,
      key: apiKeySecretRef.key,
    })),
  ];
}

const needsOf = (observed: Observed): Need[] => [...sourceNeeds(observed), ...accessNeeds(observed)];

function meets(facts: SecretFacts | undefined, { key }: Need): boolean {
  return key === undefined ? facts !== undefined && facts.keys.length > 0 : facts?.keys.includes(key) === true;
}

const tokenTaken: Judgement<'SecretsResolved'> = ({ outcomes: { token } }) => {
  if (token.state === 'foreign') {
    return verdict(
      'SecretsResolved',
      'False',
      'SecretOwnedByAnother',
      `Secret ${token.name}, which is to hold the internal token, exists and ${token.owner}; it was left alone. Delete it, or give the CodeSageServer another name.`,
    );
  }
  return token.state === 'refused'
    ? verdict(
        'SecretsResolved',
        'False',
        'ChildRefused',
        `The API server refused Secret ${token.name}: ${token.message}.`,
      )
    : undefined;
};

const missing: Judgement<'SecretsResolved'> = (observed) => {
  const needs = needsOf(observed).filter(({ secret }) => observed.secrets[secret] === undefined);
  const [first] = needs;
  if (first === undefined) return undefined;
  const names = [...new Set(needs.map(({ secret }) => secret))];
  const verb = names.length === 1 ? 'does' : 'do';
  return verdict(
    'SecretsResolved',
    'False',
    'SecretNotFound',
    `Secret ${enumerate(names)} ${verb} not exist (${first.use}). Create it in namespace ${observed.server.metadata.namespace} with ${first.key === undefined ? 'a key for each client' : `the key ${first.key}`}, or correct the name; it is picked up as soon as it appears.`,
  );
};

const incomplete: Judgement<'SecretsResolved'> = (observed) => {
  const need = needsOf(observed).find((candidate) => !meets(observed.secrets[candidate.secret], candidate));
  return need === undefined
    ? undefined
    : verdict(
        'SecretsResolved',
        'False',
        'SecretIncomplete',
        need.key === undefined
          ? `Secret ${need.secret} (${need.use}) is empty: add a key for each client, with a token as its value.`
          : `Secret ${need.secret} lacks the key ${need.key} that is needed for ${need.use}: add it.`,
      );
};

/** Judges SecretsResolved. */
export const judgeSecrets = firstOf<'SecretsResolved'>([tokenTaken, missing, incomplete], (observed) => {
  const count = new Set(needsOf(observed).map(({ secret }) => secret)).size;
  return count === 0
    ? verdict('SecretsResolved', 'True', 'NoneReferenced', 'The spec names no Secrets.')
    : verdict(
        'SecretsResolved',
        'True',
        'Resolved',
        `${count === 1 ? 'The Secret' : `All ${count} Secrets`} that the spec names ${count === 1 ? 'is' : 'are'} there.`,
      );
});

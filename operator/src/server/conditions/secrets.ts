/** Decides SecretsResolved: whether each Secret that a source names is there with the keys that git needs. */
import { verdict } from '../../api/conditions.ts';
import type { Observed, SecretFacts } from '../observed.ts';
import { enumerate, firstOf, type Judgement } from './first.ts';

type Need = { secret: string; source: string; field: 'secretRef' | 'caSecretRef'; keys: string };
const sshUrl = /^ssh:\/\/|^[A-Za-z0-9_.-]+@[^/]+:/;

/** Every use of a Secret by a source, with the key that this use cannot do without. */
function needsOf({ server }: Observed): Need[] {
  return server.spec.sources.flatMap(({ name: source, git }) => {
    const needs: Need[] = [];
    if (git?.secretRef) {
      const keys = sshUrl.test(git.url) ? 'ssh-privatekey' : 'password';
      needs.push({ secret: git.secretRef.name, source, field: 'secretRef', keys });
    }
    if (git?.caSecretRef) needs.push({ secret: git.caSecretRef.name, source, field: 'caSecretRef', keys: 'ca.crt' });
    return needs;
  });
}

function meets(facts: SecretFacts | undefined, { keys }: Need): boolean {
  return facts?.keys.includes(keys) === true;
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
    `Secret ${enumerate(names)} ${verb} not exist (source ${first.source}, git.${first.field}). Create it in namespace ${observed.server.metadata.namespace} with the key ${first.keys}, or correct the name; it is picked up as soon as it appears.`,
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
        `Secret ${need.secret} lacks the key ${need.keys} that source ${need.source} (git.${need.field}) needs for its URL: add it.`,
      );
};

/** Judges SecretsResolved. */
export const judgeSecrets = firstOf<'SecretsResolved'>([tokenTaken, missing, incomplete], (observed) => {
  const count = new Set(needsOf(observed).map(({ secret }) => secret)).size;
  return count === 0
    ? verdict('SecretsResolved', 'True', 'NoneReferenced', 'The sources name no Secrets.')
    : verdict(
        'SecretsResolved',
        'True',
        'Resolved',
        `${count === 1 ? 'The Secret' : `All ${count} Secrets`} that the sources name ${count === 1 ? 'is' : 'are'} there.`,
      );
});

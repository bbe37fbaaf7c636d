/** Decides what is read of Secrets: one at a time, by name, when its version changed; only a digest and key names are kept. */
import { createHash } from 'node:crypto';
import { hasCode } from '../runtime/api-error.ts';
import type { Cache } from '../runtime/cache.ts';
import type { Client } from '../runtime/client.ts';
import type { Live, ObjectReference, PartialObjectMetadata } from '../runtime/resource.ts';
import { type Secret, secrets } from '../runtime/resources.ts';
import type { SecretFacts } from './observed.ts';

export type SecretReader = {
  /** Facts about a Secret, or undefined when there is none or when it may not be read. @throws ApiError when the read failed. */
  facts(reference: ObjectReference, signal?: AbortSignal): Promise<SecretFacts | undefined>;
};

const remembered = 5_000;

function digestOf(data: Record<string, string>): string {
  const entries = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex').slice(0, 16);
}

/** `metadata` tells which Secrets exist and their versions, so that an unchanged one costs no request. */
export function createSecretReader(client: Client, metadata: Cache<PartialObjectMetadata>): SecretReader {
  const known = new Map<string, { version: string; facts: SecretFacts }>();

  /** A Secret that may not be read is as good as missing: the condition says so, and the other sources go on. */
  async function read(reference: ObjectReference, signal: AbortSignal | undefined): Promise<Live<Secret> | undefined> {
    try {
      return await client.find(secrets, reference, { signal });
    } catch (error) {
      if (hasCode(error, 'Forbidden')) return undefined;
      throw error;
    }
  }

  return {
    async facts(reference, signal) {
      const partial = metadata.get(reference);
      if (partial === undefined) return undefined;
      const { uid, resourceVersion } = partial.metadata;
      const held = known.get(uid);
      if (held?.version === resourceVersion) return held.facts;
      const secret = await read(reference, signal);
      if (secret === undefined) return undefined;
      const data = secret.data ?? {};
      const facts = { digest: digestOf(data), keys: Object.keys(data) };
      known.delete(uid);
      known.set(secret.metadata.uid, { version: secret.metadata.resourceVersion, facts });
      if (known.size > remembered) known.delete(known.keys().next().value ?? '');
      return facts;
    },
  };
}

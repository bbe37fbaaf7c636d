/** Decides the internal token of a server: made once, then read from its Secret, so that nothing rotates it by accident. */
import type { CodeSageServer } from '../api/kinds.ts';
import type { Informer } from '../runtime/cache.ts';
import type { Client } from '../runtime/client.ts';
import type { Live, ObjectReference, PartialObjectMetadata } from '../runtime/resource.ts';
import { type Secret, secrets } from '../runtime/resources.ts';
import { tokenKey } from './desired/token-secret.ts';
import { childNames } from './names.ts';
import { ownershipOf } from './ownership.ts';

/** Tokens hold 256 bits. */
const tokenBytes = 32;

export type TokenKeeper = {
  /** The token of the Secret; a new one when there is no Secret, or when it holds none. */
  tokenOf(server: CodeSageServer, signal?: AbortSignal): Promise<string>;
  /** The Secrets of tokens as the applier wants to see them: whole, though the cache holds metadata only. */
  readonly secrets: Informer<Secret>;
};

export type TokenKeeperOptions = {
  client: Client;
  metadata: Informer<PartialObjectMetadata>;
  randomBytes: (size: number) => Buffer;
};

const remembered = 10_000;

export function createTokenKeeper({ client, metadata, randomBytes }: TokenKeeperOptions): TokenKeeper {
  const held = new Map<string, Live<Secret>>();

  function remember(secret: Live<Secret>): void {
    held.delete(secret.metadata.uid);
    held.set(secret.metadata.uid, secret);
    if (held.size > remembered) held.delete(held.keys().next().value ?? '');
  }

  /** The whole Secret, if what is held of it is of the version that the cache knows. */
  function current(reference: ObjectReference): Live<Secret> | undefined {
    const partial = metadata.get(reference);
    const secret = partial && held.get(partial.metadata.uid);
    return secret?.metadata.resourceVersion === partial?.metadata.resourceVersion ? secret : undefined;
  }

  return {
    async tokenOf(server, signal) {
      const reference = { namespace: server.metadata.namespace, name: childNames(server.metadata.name).token };
      // Absence in the cache proves nothing about the present: only the API server's word makes a new token.
      const secret = current(reference) ?? (await client.find(secrets, reference, { signal }));
      const value = secret?.data?.[tokenKey];
      if (secret !== undefined && ownershipOf(secret, server) === 'ours') {
        remember(secret);
        if (value !== undefined && value !== '') return Buffer.from(value, 'base64').toString();
      }
      return randomBytes(tokenBytes).toString('base64url');
    },
    secrets: {
      ...metadata,
      get: current,
      note(object: Live<Secret>) {
        remember(object);
        const { apiVersion, kind, metadata: meta } = object;
        metadata.note({ apiVersion, kind, metadata: meta } as Live<PartialObjectMetadata>);
      },
    } as unknown as Informer<Secret>,
  };
}

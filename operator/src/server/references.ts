/** Decides what a stored CodeSageServer refers to. Each version of an object is parsed once, however often it is asked about. */
import type { CodeSageServer } from '../api/kinds.ts';
import type { Live } from '../runtime/resource.ts';
import type { ServerObject } from './caches.ts';
import { claimNameOf, mountedClaimNames, referencedSecretNames } from './names.ts';
import { type Parsed, parseServer } from './parse.ts';

export type References = {
  secrets: ReadonlySet<string>;
  claims: ReadonlySet<string>;
  ingress: CodeSageServer['spec']['ingress'];
};

const nothing: References = { secrets: new Set(), claims: new Set(), ingress: undefined };
const parsedObjects = new WeakMap<Live<ServerObject>, Parsed>();
const knownReferences = new WeakMap<Live<ServerObject>, References>();

/** `parseServer`, remembered: cached objects are replaced and never changed, and a thousand of them are asked about at a start. */
export function parsedServer(object: Live<ServerObject>): Parsed {
  let parsed = parsedObjects.get(object);
  if (parsed === undefined) {
    parsed = parseServer(object);
    parsedObjects.set(object, parsed);
  }
  return parsed;
}

/** Names of what the spec mentions; nothing when it cannot be understood. */
export function referencesOf(object: Live<ServerObject>): References {
  let references = knownReferences.get(object);
  if (references === undefined) {
    const parsed = parsedServer(object);
    references = parsed.ok ? collect(parsed.server) : nothing;
    knownReferences.set(object, references);
  }
  return references;
}

function collect(server: CodeSageServer): References {
  return {
    secrets: new Set(referencedSecretNames(server)),
    claims: new Set([claimNameOf(server), ...mountedClaimNames(server)]),
    ingress: server.spec.ingress,
  };
}

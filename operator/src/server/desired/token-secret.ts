/** Decides the Secret that holds the token between the operator and the server's internal port. */
import type { Manifest } from '../../runtime/resource.ts';
import type { Secret } from '../../runtime/resources.ts';
import { childNames } from '../names.ts';
import type { DesiredInput } from './input.ts';
import { childMetadata } from './metadata.ts';

/** Key of the token in its Secret. */
export const tokenKey = 'token';

export function buildTokenSecret({ server, internalToken }: DesiredInput): Manifest<Secret> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMetadata(server, { name: childNames(server.metadata.name).token, component: 'credentials' }),
    type: 'Opaque',
    data: { [tokenKey]: Buffer.from(internalToken).toString('base64') },
  };
}

/** Decides what a pod reads when it starts and so must roll it when it changes: its configuration and its Secrets. */
import { createHash } from 'node:crypto';
import { startSecretNames } from '../names.ts';
import { buildServerConfig } from './config.ts';
import type { DesiredInput } from './input.ts';

/** Digest of the configuration, of the internal token and of each Secret that is read at the start only. */
export function configHash(input: DesiredInput): string {
  const secrets = startSecretNames(input.server)
    .sort()
    .map((name) => [name, input.secretDigests[name] ?? 'missing']);
  return createHash('sha256')
    .update(JSON.stringify([buildServerConfig(input), secrets, input.internalToken]))
    .digest('hex')
    .slice(0, 16);
}

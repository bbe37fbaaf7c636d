/** Decides Verified: whether the operator's own MCP handshake and search through the Service were answered. */
import { verdict } from '../../api/conditions.ts';
import { childNames } from '../names.ts';
import type { Observed } from '../observed.ts';
import { isSuspended } from './first.ts';

/** Judges Verified. Messages hold no figures that change from try to try. */
export function judgeVerified(observed: Observed) {
  const { verification, server } = observed;
  const service = childNames(server.metadata.name).service;
  if (isSuspended(observed)) return verdict('Verified', 'Unknown', 'Suspended', 'No pods are wanted.');
  if (verification.state === 'not-tried')
    return verdict(
      'Verified',
      'Unknown',
      'AwaitingServer',
      'The server is verified when its pod is ready and its index is published.',
    );
  if (verification.state === 'answered') {
    return verdict(
      'Verified',
      'True',
      'SearchAnswered',
      `An MCP handshake and a search through Service ${service} were answered (${verification.server}).`,
    );
  }
  return verdict(
    'Verified',
    'False',
    verification.reason,
    `${verification.message} Look at the log of the pod, at Service ${service}, and at NetworkPolicies between the operator and the pod.`,
  );
}

/** Decides when a server is asked about itself and when it is verified anew, so that a settled one is left in peace. */
import type { CodeSageServer } from '../api/kinds.ts';
import type { Live } from '../runtime/resource.ts';
import type { Deployment, Pod } from '../runtime/resources.ts';
import type { AdminClient } from './admin-client.ts';
import { isRolledOut } from './conditions/available.ts';
import { isReady, isRunning } from './conditions/pods.ts';
import { bridge, type ServerMemory } from './memory.ts';
import { wantedReplicas } from './names.ts';
import type { AdminAnswer, Verification } from './observed.ts';
import type { Prober } from './prober.ts';

/** A server that was verified is verified again after this time, or when its pods or its spec change. */
const verifiedForMs = 300_000;
/** The Service's routes follow a pod's readiness by some seconds; a failure counts when it repeats. */
const failuresThatCount = 3;

export type Interview = (subject: {
  server: CodeSageServer;
  token: string;
  deployment: Live<Deployment> | undefined;
  pods: readonly Live<Pod>[];
  memory: ServerMemory;
  nowMs: number;
  signal: AbortSignal;
}) => Promise<{ admin: AdminAnswer; verification: Verification }>;

/** Names the running containers: another pod, or a restarted one, is another server. */
function podsKey(pods: readonly Live<Pod>[]): string {
  return pods
    .filter(isRunning)
    .map(({ metadata, status }) => `${metadata.uid}:${status?.containerStatuses?.[0]?.restartCount ?? 0}`)
    .sort()
    .join(',');
}

export function createInterview(ask: AdminClient, probe: Prober): Interview {
  return async ({ server, token, deployment, pods, memory, nowMs, signal }) => {
    const notTried = { state: 'not-tried' } as const;
    if (wantedReplicas(server) === 0 || !pods.some(isRunning))
      return { admin: { state: 'not-asked' }, verification: notTried };
    const key = podsKey(pods);
    const admin = bridge(memory, await ask(server, token, signal), key, nowMs);
    const hasIndex =
      admin.state === 'answered' && admin.status.codebases.some(({ indexedAt }) => indexedAt !== undefined);
    if (!hasIndex || !isRolledOut({ deployment, server }) || !pods.some(isReady))
      return { admin, verification: notTried };
    return { admin, verification: await verify(`${key} ${server.metadata.generation}`) };

    async function verify(subject: string): Promise<Verification> {
      const held = memory.verification?.key === subject ? memory.verification : undefined;
      const settled = held?.outcome.state === 'answered' && held.failures === 0;
      if (held !== undefined && settled && nowMs - held.atMs < verifiedForMs) return held.outcome;
      const outcome = await probe(server, token, signal);
      const failures = outcome.state === 'answered' ? 0 : (held?.failures ?? 0) + 1;
      const counted = failures === 0 || failures >= failuresThatCount ? outcome : (held?.outcome ?? notTried);
      memory.verification = { outcome: counted, atMs: nowMs, key: subject, failures };
      return counted;
    }
  };
}

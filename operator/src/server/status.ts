/** Decides the status of a CodeSageServer from what was observed. Pure; figures are rounded so that polling writes nothing. */
import { type ConditionStatus, conditionTypes, type Verdict } from '../api/conditions.ts';
import type { Condition, ServerStatus } from '../api/server-status.ts';
import { judgeAvailable } from './conditions/available.ts';
import { judgeExposure } from './conditions/exposure.ts';
import { judgeIndex } from './conditions/index-ready.ts';
import { isReady } from './conditions/pods.ts';
import { codebasesOf } from './conditions/problems.ts';
import { judgeProgressing, judgeReady, phaseOf } from './conditions/ready.ts';
import { judgeSecrets } from './conditions/secrets.ts';
import { judgeSources } from './conditions/sources.ts';
import { judgeStorage } from './conditions/storage.ts';
import { judgeVerified } from './conditions/verified.ts';
import { podSelector } from './desired/metadata.ts';
import { claimNameOf } from './names.ts';
import type { Observed } from './observed.ts';
import { urlOf } from './url.ts';

/** Judges every condition, in the order in which they are reported. */
export function judgeAll(observed: Observed): Verdict[] {
  const parts: Verdict[] = [
    judgeStorage(observed),
    judgeSecrets(observed),
    judgeSources(observed),
    judgeIndex(observed),
    judgeAvailable(observed),
    judgeVerified(observed),
    judgeExposure(observed),
  ];
  const all = [...parts, judgeProgressing(observed, parts), judgeReady(observed, parts)];
  return all.sort((a, b) => conditionTypes.indexOf(a.type) - conditionTypes.indexOf(b.type));
}

/** A verdict with its time: that of the condition before it, while the status is the same. */
export function toCondition(verdict: Verdict, before: Condition | undefined, generation: number, now: Date): Condition {
  const unchanged = before?.status === (verdict.status satisfies ConditionStatus);
  return {
    type: verdict.type,
    status: verdict.status,
    observedGeneration: generation,
    lastTransitionTime: unchanged ? before.lastTransitionTime : rfc3339(now),
    reason: verdict.reason,
    message: verdict.message,
  };
}

/** Whole seconds, as Kubernetes writes times. */
export function rfc3339(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** The status to be written, given the present one. What only a pod can tell stays as it was told last. */
export function buildStatus(observed: Observed, previous: ServerStatus | undefined, now: Date): ServerStatus {
  const { server, image, deployment, pods } = observed;
  const verdicts = judgeAll(observed);
  const generation = server.metadata.generation ?? 0;
  const earlier = new Map((previous?.conditions ?? []).map((condition) => [condition.type, condition]));
  return {
    observedGeneration: generation,
    phase: phaseOf(verdicts),
    conditions: verdicts.map((verdict) => toCondition(verdict, earlier.get(verdict.type), generation, now)),
    replicas: deployment?.status?.replicas ?? 0,
    readyReplicas: pods.filter(isReady).length,
    selector: Object.entries(podSelector(server))
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    url: urlOf(observed),
    image,
    ...told(observed, previous),
    storage: storageOf(observed, previous),
  };
}

/** Steps of five percent. */
function roundPercent(percent: number): number {
  return Math.round(percent / 5) * 5;
}

/** Two leading digits. */
function roundBytes(bytes: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, bytes))) - 1);
  return Math.round(bytes / step) * step;
}

type Told = Pick<ServerStatus, 'version' | 'health' | 'codebases' | 'index' | 'cache'>;

function told(observed: Observed, previous: ServerStatus | undefined): Told {
  const { admin } = observed;
  if (admin.state !== 'answered') return toldBefore(observed, previous);
  const { version, health, index, cache } = admin.status;
  const codebases = codebasesOf(observed);
  const sum = (key: 'files' | 'chunks') => codebases.reduce((total, codebase) => total + codebase[key], 0);
  return {
    version,
    health,
    codebases: codebases.map(({ name, revision, files, chunks, state, indexedAt, problem }) => ({
      name,
      ...(revision !== undefined && { revision }),
      files,
      chunks,
      state,
      ...(indexedAt !== undefined && { indexedAt: rfc3339(new Date(indexedAt)) }),
      ...(problem !== undefined && { message: problem.message }),
    })),
    index: {
      files: sum('files'),
      chunks: sum('chunks'),
      sizeBytes: roundBytes(index.sizeBytes),
      formatVersion: index.formatVersion,
      embedding: index.embedding,
    },
    cache: { hitRate: `${roundPercent(cache.hitRate * 100)}%` },
  };
}

/** What was told last, without sources that are no longer in the spec. Health is not kept: it tells about now. */
function toldBefore({ server }: Observed, previous: ServerStatus | undefined): Told {
  if (previous === undefined) return {};
  const { version, codebases, index, cache } = previous;
  const names = new Set(server.spec.sources.map(({ name }) => name));
  return {
    ...(version !== undefined && { version }),
    ...(codebases && { codebases: codebases.filter(({ name }) => names.has(name)) }),
    ...(index && { index }),
    ...(cache && { cache }),
  };
}

function storageOf({ server, claim, admin }: Observed, previous: ServerStatus | undefined): ServerStatus['storage'] {
  const volume = admin.state === 'answered' ? admin.status.volume : undefined;
  const usedPercent = volume === undefined ? previous?.storage?.usedPercent : roundPercent(volume.usedPercent);
  const capacity = claim?.status?.capacity?.storage;
  return {
    claimName: claimNameOf(server),
    ...(capacity !== undefined && { capacity }),
    ...(usedPercent !== undefined && { usedPercent }),
  };
}

/** Decides the status of a CodeSageServer that is not reconciled: paused, not understood, or kept from it by a failure. */
import { conditionTypes, verdict } from '../api/conditions.ts';
import type { CodeSageServer } from '../api/kinds.ts';
import type { Condition, ServerStatus } from '../api/server-status.ts';
import { ApiError } from '../runtime/api-error.ts';
import type { Live } from '../runtime/resource.ts';
import type { ServerObject } from './caches.ts';
import { toCondition } from './status.ts';

function replaceCondition(status: ServerStatus | undefined, condition: Condition): Condition[] {
  const others = (status?.conditions ?? []).filter(({ type }) => type !== condition.type);
  const rank = ({ type }: Condition) => (conditionTypes as readonly string[]).indexOf(type);
  return [...others, condition].sort((a, b) => rank(a) - rank(b));
}

/** The status as it is, with the word that the operator touches nothing. Writing it again changes nothing. */
export function pausedStatus({ metadata, status }: CodeSageServer, now: Date): ServerStatus {
  const before = status?.conditions?.find(({ type }) => type === 'Progressing');
  const paused = verdict(
    'Progressing',
    'False',
    'Paused',
    'The operator touches nothing: spec.paused is true, or the annotation codesage.dev/reconcile is disabled.',
  );
  // The generation stays: a change of the spec while paused was not looked at.
  const generation = before?.reason === 'Paused' ? (before.observedGeneration ?? 0) : (metadata.generation ?? 0);
  return {
    ...status,
    phase: 'Paused',
    conditions: replaceCondition(status, toCondition(paused, before, generation, now)),
  };
}

/** The status as it is, with the word that the spec cannot be understood. */
export function unreadableStatus({ metadata, status }: Live<ServerObject>, problem: string, now: Date): ServerStatus {
  const before = status?.conditions?.find(({ type }) => type === 'Ready');
  const invalid = verdict(
    'Ready',
    'False',
    'SpecInvalid',
    `The spec cannot be understood: ${problem}. Install the CRDs of this operator's version (the chart's crds.install), then apply the resource again.`,
  );
  return {
    ...status,
    phase: 'Failed',
    conditions: replaceCondition(status, toCondition(invalid, before, metadata.generation ?? 0, now)),
  };
}

/**
 * The status as it is, with the word that a pass failed before it could judge anything, such as a read that is
 * forbidden. All other conditions stay: they were true when they were last looked at.
 */
export function failedStatus({ metadata, status }: Live<ServerObject>, error: unknown, now: Date): ServerStatus {
  const message = describeFailure(error);
  const generation = metadata.generation ?? 0;
  const earlier = (type: string) => status?.conditions?.find((condition) => condition.type === type);
  const failed = verdict('Progressing', 'False', 'ReconcileFailed', message);
  const progressing = toCondition(failed, earlier('Progressing'), generation, now);
  const told: ServerStatus = { ...status, conditions: replaceCondition(status, progressing) };
  // A resource that was never judged would else show an empty READY for as long as the failure lasts.
  if (earlier('Ready') !== undefined) return told;
  const unknown = toCondition(
    verdict('Ready', 'Unknown', 'NotReady', `Progressing: ${message}`),
    undefined,
    generation,
    now,
  );
  return { ...told, phase: 'Failed', conditions: replaceCondition(told, unknown) };
}

function describeFailure(error: unknown): string {
  const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
  if (error instanceof ApiError) return `${sentence(error.message)} ${sentence(error.remedy)}`;
  return `${sentence(error instanceof Error ? error.message : String(error))} See the operator's log.`;
}

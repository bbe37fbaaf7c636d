/** Decides Ready and Progressing, and the one-word phase: sums of what the other conditions say. */
import type { ConditionType, Verdict } from '../../api/conditions.ts';
import { verdict } from '../../api/conditions.ts';
import type { Condition, ServerPhase } from '../../api/server-status.ts';
import type { Observed } from '../observed.ts';
import { isRolledOut } from './available.ts';
import { isSuspended } from './first.ts';
import { codebasesOf, describeProblem, problemsOf } from './problems.ts';

/** Without these no search is answered. The others can fail while the published index serves. */
const needed: ReadonlySet<ConditionType> = new Set(['IndexReady', 'Available', 'Verified', 'ExposureReady']);

/** Reasons of conditions that are not met yet and need nobody's help. */
const passing: ReadonlySet<string> = new Set([
  'Provisioning',
  'ClaimDeleting',
  'Syncing',
  'AwaitingServer',
  'Indexing',
  'Starting',
  'NotReady',
  'LoadBalancerPending',
  'Suspended',
]);

/** True when the condition is not met and somebody has to act. Progressing is never one: it repeats what others say. */
export function isFailure({ type, status, reason }: Pick<Condition, 'type' | 'status' | 'reason'>): boolean {
  return type !== 'Progressing' && status === 'False' && !passing.has(reason);
}

/** What people should read first: a failure rather than what waits for it, in the order of the conditions. */
function worstOf(verdicts: readonly Verdict[]): Verdict | undefined {
  const unmet = verdicts.filter(({ type, status }) => status !== 'True' && type !== 'Progressing');
  // Blocked is only ever the shadow of another failure.
  return (
    unmet.find((candidate) => isFailure(candidate) && candidate.reason !== 'Blocked') ??
    unmet.find(({ type }) => needed.has(type)) ??
    unmet[0]
  );
}

/** Judges Ready from the verdicts of all other conditions. */
export function judgeReady(observed: Observed, verdicts: readonly Verdict[]): Verdict<'Ready'> {
  if (isSuspended(observed))
    return verdict('Ready', 'False', 'Suspended', verdicts.find(({ type }) => type === 'Available')?.message ?? '');
  const worst = worstOf(verdicts);
  if (verdicts.some(({ type, status }) => needed.has(type) && status !== 'True')) {
    return verdict('Ready', 'False', 'NotReady', worst === undefined ? '' : `${worst.type}: ${worst.message}`);
  }
  const problem = problemsOf(observed)[0];
  if (worst !== undefined) return verdict('Ready', 'True', 'Degraded', `Serving, but ${worst.type}: ${worst.message}`);
  if (problem !== undefined) return verdict('Ready', 'True', 'Degraded', `Serving, but ${describeProblem(problem)}`);
  return verdict('Ready', 'True', 'Ready', verdicts.find(({ type }) => type === 'IndexReady')?.message ?? '');
}

/** Judges Progressing from the verdicts of all conditions before it. */
export function judgeProgressing(observed: Observed, verdicts: readonly Verdict[]): Verdict<'Progressing'> {
  if (isSuspended(observed)) return verdict('Progressing', 'False', 'Suspended', 'No pods are wanted.');
  const failure = verdicts.find((candidate) => isFailure(candidate) && needed.has(candidate.type));
  if (failure !== undefined) return verdict('Progressing', 'False', 'Stalled', `See ${failure.type}.`);
  if (!isRolledOut(observed))
    return verdict('Progressing', 'True', 'RollingOut', 'The pod is being started or replaced.');
  const busy = codebasesOf(observed)
    .filter(({ state }) => state === 'Indexing' || state === 'Pending')
    .map(({ name }) => name);
  return busy.length > 0
    ? verdict('Progressing', 'True', 'Indexing', `Indexing ${busy.slice(0, 3).join(', ')}.`)
    : verdict('Progressing', 'False', 'Settled', 'Nothing is changing.');
}

/** The phase: one word for the STATUS column. */
export function phaseOf(verdicts: readonly Verdict[]): ServerPhase {
  const reasonOf = (type: ConditionType) => verdicts.find((candidate) => candidate.type === type)?.reason;
  const ready = reasonOf('Ready');
  if (ready === 'Suspended' || ready === 'Ready' || ready === 'Degraded') return ready;
  if (verdicts.some((candidate) => isFailure(candidate) && candidate.type !== 'Ready')) return 'Failed';
  if (reasonOf('Available') === 'PodsReady') return 'Indexing';
  return reasonOf('StorageReady') === 'Provisioning' ? 'Pending' : 'Starting';
}

/** Decides how long a refused write is not tried again: until what is written or what is there changes, at most a minute. */
import type { Live } from '../runtime/resource.ts';
import type { ChildRole } from './desired/desired.ts';
import type { ChildOutcome } from './observed.ts';

/** A quota or an admission policy may change without any sign, so a refusal is not believed for ever. */
const believedMs = 60_000;

/** Names what was refused: the manifest and the version of the object that it was to change. */
export function refusalKey(manifestHash: string, live: Live | undefined): string {
  return `${manifestHash} ${live?.metadata.uid ?? ''} ${live?.metadata.resourceVersion ?? ''}`;
}

/** Refusals of one CodeSageServer. */
export type RefusalMemory = {
  recall(role: ChildRole, key: string, nowMs: number): ChildOutcome | undefined;
  remember(role: ChildRole, key: string, outcome: ChildOutcome, nowMs: number): void;
};

export function createRefusalMemory(): RefusalMemory {
  const held = new Map<ChildRole, { key: string; outcome: ChildOutcome; atMs: number }>();
  return {
    recall(role, key, nowMs) {
      const refusal = held.get(role);
      return refusal?.key === key && nowMs - refusal.atMs < believedMs ? refusal.outcome : undefined;
    },
    remember(role, key, outcome, nowMs) {
      held.set(role, { key, outcome, atMs: nowMs });
    },
  };
}

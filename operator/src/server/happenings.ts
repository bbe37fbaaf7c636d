/** Decides which events a reconcile reports: changes of conditions, and what was made, changed or removed. Never states. */
import type { Condition, ServerStatus } from '../api/server-status.ts';
import type { Happening } from '../runtime/events.ts';
import type { Live } from '../runtime/resource.ts';
import type { ChildWritten } from './apply-children.ts';
import { isFailure } from './conditions/ready.ts';
import type { Removed } from './prune.ts';

type Told = Pick<Happening, 'type' | 'reason' | 'action' | 'note'>;

function changed(before: Condition | undefined, after: Condition): boolean {
  return before?.status !== after.status || before.reason !== after.reason;
}

/** Events for the conditions that changed from `before` to `after`. */
export function transitions(before: ServerStatus | undefined, after: ServerStatus): Told[] {
  const earlier = new Map((before?.conditions ?? []).map((condition) => [condition.type, condition]));
  return (after.conditions ?? []).flatMap((condition): Told[] => {
    const previous = earlier.get(condition.type);
    if (!changed(previous, condition)) return [];
    const told = { reason: condition.reason, action: 'Reconcile', note: condition.message };
    if (condition.type === 'Ready') {
      const isGood = condition.status === 'True' || condition.reason === 'Suspended';
      return isGood ? [{ ...told, type: condition.reason === 'Degraded' ? 'Warning' : 'Normal' }] : [];
    }
    // Blocked only repeats what another condition says.
    if (!isFailure(condition) || condition.reason === 'Blocked') return [];
    return [{ ...told, type: 'Warning' }];
  });
}

/** Events for what was written and removed. */
export function deeds(written: readonly ChildWritten[], removed: readonly Removed[]): Told[] {
  return [
    ...written.map(({ kind, name, outcome }): Told => {
      const done = outcome === 'created' ? 'Created' : 'Updated';
      return {
        type: 'Normal',
        reason: done,
        action: done === 'Created' ? 'Create' : 'Update',
        note: `${done} ${kind} ${name}`,
      };
    }),
    ...removed.map(
      ({ kind, name }): Told => ({
        type: 'Normal',
        reason: 'Removed',
        action: 'Delete',
        note: `Removed ${kind} ${name}`,
      }),
    ),
  ];
}

/** With the object that they are about. */
export function about(regarding: Live, told: readonly Told[]): Happening[] {
  return told.map((happening) => ({ ...happening, regarding }));
}

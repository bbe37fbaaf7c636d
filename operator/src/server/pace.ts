/** Decides when a server is looked at again, by what its status says. */
import type { ServerStatus } from '../api/server-status.ts';
import type { Random } from '../runtime/clock.ts';
import { isFailure } from './conditions/ready.ts';

/** Milliseconds between two looks. */
export type Pace = { starting: number; failing: number; indexing: number; settled: number };

export const standardPace: Pace = { starting: 2_000, failing: 10_000, indexing: 5_000, settled: 30_000 };

/** Milliseconds until the next look, spread by a fifth; undefined leaves it to changes and the resync. */
export function nextLook(status: ServerStatus, pace: Pace, random: Random): number | undefined {
  const conditions = status.conditions ?? [];
  const reasonOf = (type: string) => conditions.find((condition) => condition.type === type)?.reason;
  const spread = (milliseconds: number) => Math.round(milliseconds * (0.8 + 0.4 * random()));
  if (conditions.some(isFailure)) return spread(pace.failing);
  if (status.phase === 'Suspended') return undefined;
  if (status.phase !== 'Ready') return spread(pace.starting);
  return spread(reasonOf('Progressing') === 'Settled' ? pace.settled : pace.indexing);
}

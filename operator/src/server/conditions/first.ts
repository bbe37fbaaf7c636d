/** Decides how a condition is judged: by a chain of pure judgements, of which the first that has an opinion wins. */
import type { ConditionType, Verdict } from '../../api/conditions.ts';
import { wantedReplicas } from '../names.ts';
import type { Observed } from '../observed.ts';

export type Judgement<T extends ConditionType> = (observed: Observed) => Verdict<T> | undefined;

/** A judge that asks each in turn; `otherwise` always has an opinion. */
export function firstOf<T extends ConditionType>(
  judgements: readonly Judgement<T>[],
  otherwise: (observed: Observed) => Verdict<T>,
): (observed: Observed) => Verdict<T> {
  return (observed) => {
    for (const judge of judgements) {
      const opinion = judge(observed);
      if (opinion !== undefined) return opinion;
    }
    return otherwise(observed);
  };
}

export function isSuspended({ server }: Observed): boolean {
  return wantedReplicas(server) === 0;
}

/** `a`, `a and b`, or `a, b and 3 more`. */
export function enumerate(items: readonly string[], most = 3): string {
  const shown = items.slice(0, most);
  const rest = items.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

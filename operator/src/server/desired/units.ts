/** Decides how quantities and durations of the spec become plain numbers. The CRD's rules made sure that they parse. */
import { parseQuantity } from '../../runtime/quantity.ts';

const billion = 1_000_000_000n;

/**
 * Whole bytes of a quantity, rounded up.
 * @throws RangeError when it is no quantity, which the CRD refuses.
 */
export function bytesOf(quantity: string | number): number {
  const billionths = parseQuantity(quantity);
  if (billionths === undefined) throw new RangeError(`not a quantity: ${quantity}`);
  return Number((billionths + billion - 1n) / billion);
}

/** True when `a` is more than `b`. */
export function isMore(a: string | number, b: string | number): boolean {
  return bytesOf(a) > bytesOf(b);
}

const secondsOfUnit: Record<string, number> = { s: 1, m: 60, h: 3600 };

/** Seconds of a duration such as `1h30m`. */
export function secondsOf(duration: string): number {
  return [...duration.matchAll(/(\d+)([smh])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (secondsOfUnit[unit ?? ''] ?? 0),
    0,
  );
}

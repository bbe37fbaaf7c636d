/** Decides how much a Kubernetes quantity such as `500m`, `1.5Gi` or `2e3` is. */

const powers: Record<string, [base: bigint, exponent: number]> = {
  n: [10n, -9],
  u: [10n, -6],
  m: [10n, -3],
  '': [10n, 0],
  k: [10n, 3],
  M: [10n, 6],
  G: [10n, 9],
  T: [10n, 12],
  P: [10n, 15],
  E: [10n, 18],
  Ki: [2n, 10],
  Mi: [2n, 20],
  Gi: [2n, 30],
  Ti: [2n, 40],
  Pi: [2n, 50],
  Ei: [2n, 60],
};

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/;

/**
 * The amount in billionths, rounded up, or undefined when `value` is no quantity. Exact, so equal amounts are `===`.
 *
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(value: unknown): bigint | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const match = pattern.exec(String(value));
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const [base, power] = exponent === undefined ? (powers[suffix] ?? [10n, 0]) : [10n, Number(exponent)];
  // Everything is scaled to billionths of one, the finest amount that a quantity can hold.
  const digits = BigInt(whole + fraction) * 10n ** 9n;
  const factor = base ** BigInt(Math.abs(power));
  const scaled = power >= 0 ? digits * factor : digits;
  const divisor = 10n ** BigInt(fraction.length) * (power >= 0 ? 1n : factor);
  const amount = (scaled + divisor - 1n) / divisor;
  return sign === '-' ? -amount : amount;
}

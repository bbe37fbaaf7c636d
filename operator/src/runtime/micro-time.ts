/** Decides how a time is written where Kubernetes wants a MicroTime: RFC 3339 in UTC with exactly six fractional digits. */

/** For example `2026-01-31T12:00:00.250000Z`. Leases and events refuse other precisions. */
export function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/Z$/, '000Z');
}

/** Decides which moments callers may write, and how git gets them: git's own reading of dates takes anything for one. */
import { CodeSageError } from '../errors.ts';

const units = { hour: 3600, day: 86_400, week: 604_800, month: 2_629_800, year: 31_557_600 } as const;
const relative = /^(\d{1,5}) (hour|day|week|month|year)s? ago$/i;
const absolute = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;
/** What git's date parser takes as written. */
const earliestMs = Date.UTC(1970, 0, 2);
const latestMs = Date.UTC(2099, 0, 1);

/**
 * `2026-03-01`, `2026-03-01T12:00:00Z` or `3 weeks ago` as git takes it; UTC where no zone is written.
 * @param nowMs milliseconds since the epoch
 * @throws CodeSageError `InvalidArgument`
 */
export function gitTime(text: string, parameter: 'since' | 'until', nowMs: number): string {
  const ago = relative.exec(text.trim());
  const ms = ago === null ? absoluteMs(text.trim(), parameter) : nowMs - Number(ago[1]) * 1000 * unitOf(ago[2] ?? '');
  if (Number.isNaN(ms)) {
    throw new CodeSageError(
      'InvalidArgument',
      `${parameter} is not a time: ${JSON.stringify(text.slice(0, 60))}.`,
      'Write 2026-03-01, 2026-03-01T12:00:00Z or "3 weeks ago".',
    );
  }
  const bounded = Math.min(Math.max(ms, earliestMs), latestMs);
  return `${new Date(bounded).toISOString().slice(0, 19)}Z`;
}

function unitOf(name: string): number {
  return units[name.toLowerCase() as keyof typeof units] ?? Number.NaN;
}

function absoluteMs(text: string, parameter: 'since' | 'until'): number {
  if (!absolute.test(text)) return Number.NaN;
  // A day is meant as a whole: up to its end, from its begin.
  if (text.length === 10) return Date.parse(`${text}T${parameter === 'until' ? '23:59:59' : '00:00:00'}Z`);
  return Date.parse(/Z$|[+-]\d{2}:\d{2}$/.test(text) ? text : `${text}Z`);
}

/** Decides which JSON value a text means, and what had to be repaired for it. */
import { jsonrepair } from 'jsonrepair';
import { mendJson } from './mend-json.ts';

export type ParsedJson = { value: unknown; repairs: string[] };

/** Values nested deeper are no data that anybody meant. */
const maxDepth = 100;
/** The library's time grows faster than the text on hostile input, so it is asked about small texts only. */
const maxForLibrary = 12 * 1024;

/** How much text may still be given to the library for one response. */
export type RepairBudget = { left: number };

/** Budget of one response. */
export function newRepairBudget(): RepairBudget {
  return { left: 128 * 1024 };
}

/** The value of a text that is JSON, or nearly; undefined where it is none. */
export function parseJson(raw: string, budget: RepairBudget): ParsedJson | undefined {
  if (isTooDeep(raw)) return undefined;
  const exact = parsed(raw);
  if (exact !== undefined) return { value: exact.value, repairs: exact.notes };
  const mended = mendJson(raw);
  const value = parsed(mended.text);
  if (value !== undefined) return { value: value.value, repairs: [...mended.repairs, ...value.notes] };
  if (raw.length > Math.min(maxForLibrary, budget.left)) return undefined;
  budget.left -= raw.length;
  try {
    const repaired = parsed(jsonrepair(raw));
    return repaired === undefined
      ? undefined
      : { value: repaired.value, repairs: ['added missing commas, colons or quotes', ...repaired.notes] };
  } catch {
    return undefined;
  }
}

const keptAsText = 'kept numbers that would have been rounded as texts';

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

/** The value; whole numbers that have more digits than a number holds (ids, mostly), and endless ones, become texts. */
function parsed(text: string): { value: unknown; notes: string[] } | undefined {
  let isRounded = false;
  const keepDigits: Reviver = (_key, value, { source = '' }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    if (Number.isFinite(value) && !/^-?\d+$/.test(source)) return value;
    isRounded = true;
    return source;
  };
  try {
    // Reviving visits each value, so only texts that may hold such a number pay for it.
    const value = /\d{16}|\d[eE]\+?\d{3}/.test(text) ? JSON.parse(text, keepDigits as never) : JSON.parse(text);
    return { value, notes: isRounded ? [keptAsText] : [] };
  } catch {
    return undefined;
  }
}

/** Brackets in strings count too: a text that has so many is none that is worth a try. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 123 || code === 91) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if ((code === 125 || code === 93) && depth > 0) depth -= 1;
  }
  return false;
}

/**
 * Where the value that begins at `start` ends (behind its last bracket); the text's end where it is not closed. Strings
 * are those of double quotes, which may not go over an empty line; once one is not closed, quotes count as mere text.
 */
export function endOfJson(text: string, start: number): { end: number; isClosed: boolean } {
  let depth = 0;
  let hasStrings = true;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '"' && hasStrings) {
      const end = endOfString(text, at);
      hasStrings = end > 0;
      if (end > 0) at = end;
    } else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return { end: at + 1, isClosed: true };
    }
  }
  return { end: text.length, isClosed: false };
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at += 1;
    else if (code === 34) return at;
    else if (code === 10 && text.charCodeAt(at + 1) === 10) return -1;
  }
  return -1;
}

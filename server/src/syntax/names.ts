/** Decides which identifiers a piece of code names: what a callee is called, which types a type expression mentions. */

const maxTail = 300;
const identifierAtEnd = /[\p{L}_$@#][\p{L}\p{N}_$]*[?!]?$/u;
const qualifiedName = /[\p{L}_$][\p{L}\p{N}_$]*(?:(?:\.|::|\\)[\p{L}_$][\p{L}\p{N}_$]*)*/gu;
const lastSegment = /[^.:\\]+$/;
const notTypes = new Set(
  'const struct union enum var new in out ref where extends implements class typename this super keyof typeof readonly'.split(
    ' ',
  ),
);

/** Longest name that is kept; anything longer is generated. */
export const maxNameLength = 200;

/** Index before the `<…>` that ends `text` at `end`, or `end` when there is none. */
function withoutTypeArguments(text: string, end: number, floor: number): number {
  if (text.charCodeAt(end - 1) !== 62 /* > */) return end;
  let depth = 0;
  for (let at = end - 1; at >= floor; at--) {
    const code = text.charCodeAt(at);
    if (code === 62) depth++;
    else if (code === 60 && --depth === 0) return at;
  }
  return end;
}

/** The identifier that `text[start, end)` ends in, type arguments left out; empty when it ends otherwise (`f()()`). */
export function tailIdentifier(text: string, start: number, end: number): string {
  const floor = Math.max(start, end - maxTail);
  let to = withoutTypeArguments(text, end, floor);
  while (to > floor && text.charCodeAt(to - 1) === 58 /* : of Rust's ::<T> */) to--;
  // Most callees are short; the common case needs no regular expression.
  let from = to;
  while (from > floor && isWordCode(text.charCodeAt(from - 1))) from--;
  if (from < to && (from === floor ? from === start : text.charCodeAt(from - 1) < 128)) {
    const first = text.charCodeAt(from);
    if (from > start && text.charCodeAt(from - 1) === 35 /* # of a private member */) from--;
    if (first < 48 || first > 57) return to - from > maxNameLength ? '' : text.slice(from, to);
  }
  const match = identifierAtEnd.exec(text.slice(floor, to))?.[0] ?? '';
  return match.length > maxNameLength ? '' : match;
}

function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 36
  );
}

/** The last segments of all qualified names in a type expression, in order. */
export function typeNamesIn(text: string): string[] {
  const names: string[] = [];
  for (const match of text.matchAll(qualifiedName)) {
    const next = text[(match.index ?? 0) + match[0].length];
    const name = lastSegment.exec(match[0])?.[0] ?? '';
    if (name.length > 1 && name.length <= maxNameLength && next !== '=' && !notTypes.has(name)) names.push(name);
  }
  return names;
}

/** Type arguments nested deeper than this stay in a name. */
const maxTypeNesting = 4;

/** `Store<T>::get`, `M.new`, `a\b` as the containers that the name itself states and the name. */
export function splitQualified(text: string): { name: string; parent?: string } {
  let plain = text.trim();
  if (/^operator\W/.test(plain)) return { name: plain };
  for (let level = 0; level < maxTypeNesting && plain.includes('>'); level++) plain = plain.replace(/<[^<>]*>/g, '');
  const match = /^(.*?)(?:::|[.:])([^.:]+)$/s.exec(plain);
  const name = lastWord(match === null || match[1] === '' ? plain : (match[2] as string));
  if (match === null || match[1] === '') return { name };
  return { name, parent: lastWord(match[1] as string).replace(/::|:/g, '.') };
}

/** A macro before a name is taken for a part of it (`CONSTEXPR name`); `operator new` is a name. */
function lastWord(text: string): string {
  return text.startsWith('operator') ? text.replace(/\s+/g, ' ') : (text.trim().split(/\s+/).at(-1) ?? text);
}

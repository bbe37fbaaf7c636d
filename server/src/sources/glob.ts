/**
 * Decides whether a path fits a glob, in time that is bounded whatever the glob: callers of the tools write globs, and
 * those that regular expressions make of them may backtrack for hours on the event loop.
 */

/** Alternatives that the braces of one glob may stand for; what is over that is left as it is written. */
const maxAlternatives = 64;

/** One place of a segment: any run of characters, one character that stands for itself, or one that passes a test. */
type Token = '*' | { literal: string } | ((character: string) => boolean);
/** One part of a path between slashes: any run of whole segments, exact text, or a pattern. */
type Segment = '**' | string | { tokens: readonly Token[] };

/**
 * Compiles one glob: `*` and `?` within a segment, `**` for any number of segments, `[a-z]`, `[!a-z]`, `{a,b}` and `\`
 * before a character that stands for itself. Everything else is literal, parentheses too. Letters' case counts.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const alternatives = expandBraces(glob).map((plain) => {
    const segments = splitSegments(plain);
    return { segments, runs: segments.flatMap(literalRuns) };
  });
  return (path) => {
    let parts: string[] | undefined;
    return alternatives.some(({ segments, runs }) => {
      // Most paths have not even the words of a glob, and looking for these is many times faster.
      if (!holdsInOrder(path, runs)) return false;
      parts ??= path.split('/');
      return matchesRun(segments, parts, '**', matchesSegment);
    });
  };
}

/** Texts that every path which fits the segment has, in this order. */
function literalRuns(segment: Segment): string[] {
  if (segment === '**') return [];
  if (typeof segment === 'string') return [segment];
  const runs = [''];
  for (const token of segment.tokens) {
    if (typeof token === 'object') runs.push(`${runs.pop() ?? ''}${token.literal}`);
    else runs.push('');
  }
  return runs.filter((run) => run !== '');
}

function holdsInOrder(path: string, runs: readonly string[]): boolean {
  let at = 0;
  for (const run of runs) {
    const found = path.indexOf(run, at);
    if (found < 0) return false;
    at = found + run.length;
  }
  return true;
}

/** `a{b,c}` as `ab` and `ac`, or the glob itself when that would be too many. */
function expandBraces(glob: string): string[] {
  let done: string[] = [];
  let pending = [glob];
  while (pending.length > 0) {
    const next: string[] = [];
    for (const text of pending) {
      const parts = firstBrace(text);
      if (parts === undefined) done = [...done, text];
      else next.push(...parts.options.map((option) => parts.before + option + parts.after));
    }
    if (done.length + next.length > maxAlternatives) return [glob];
    pending = next;
  }
  return done;
}

/** The first complete `{…,…}`, which may hold others. */
function firstBrace(text: string): { before: string; options: string[]; after: string } | undefined {
  for (let start = text.indexOf('{'); start >= 0; start = text.indexOf('{', start + 1)) {
    if (text[start - 1] === '\\') continue;
    const commas: number[] = [];
    let depth = 0;
    for (let at = start; at < text.length; at++) {
      const character = text[at];
      if (character === '\\') at++;
      else if (character === '{') depth++;
      else if (character === ',' && depth === 1) commas.push(at);
      else if (character === '}' && --depth === 0) {
        if (commas.length === 0) break;
        const borders = [start, ...commas, at];
        const options = borders.slice(1).map((end, i) => text.slice((borders[i] ?? 0) + 1, end));
        return { before: text.slice(0, start), options, after: text.slice(at + 1) };
      }
    }
    // Unclosed: so is every brace after it that matters, and scanning on from each would be quadratic.
    if (depth > 0) return undefined;
  }
  return undefined;
}

function splitSegments(glob: string): Segment[] {
  return glob.split('/').map((text) => {
    if (text === '**') return '**';
    if (!/[*?[\\]/.test(text)) return text;
    return { tokens: tokenize(text) };
  });
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const characters = [...text];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const close = character === '[' ? classEnd(characters, at) : -1;
    if (character === '*') {
      if (tokens.at(-1) !== '*') tokens.push('*');
    } else if (character === '?') {
      tokens.push(() => true);
    } else if (close > 0) {
      tokens.push(characterClass(characters.slice(at + 1, close)));
      at = close;
    } else {
      const literal = character === '\\' ? (characters[++at] ?? '\\') : character;
      tokens.push({ literal });
    }
  }
  return tokens;
}

/** Index of the `]` that ends the class at `start`; -1 when it is none. A `]` in the first place is a member. */
function classEnd(characters: readonly string[], start: number): number {
  const isNegated = characters[start + 1] === '!' || characters[start + 1] === '^';
  return characters.indexOf(']', start + (isNegated ? 3 : 2));
}

function characterClass(members: readonly string[]): (character: string) => boolean {
  const isNegated = members[0] === '!' || members[0] === '^';
  const ranges: (readonly [string, string])[] = [];
  for (let at = isNegated ? 1 : 0; at < members.length; at++) {
    const from = members[at] ?? '';
    const to = members[at + 1] === '-' ? members[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  return (character) => ranges.some(([from, to]) => character >= from && character <= to) !== isNegated;
}

function matchesSegment(segment: Exclude<Segment, '**'>, part: string): boolean {
  if (typeof segment === 'string') return segment === part;
  return matchesRun<'*', Exclude<Token, '*'>, string>(segment.tokens, [...part], '*', (wanted, it) =>
    typeof wanted === 'function' ? wanted(it) : wanted.literal === it,
  );
}

/**
 * Whether `items` fit `pattern`, in which `wildcard` stands for any run of them. When one does not fit, only the last
 * wildcard takes one more: earlier ones never have to, so the cost is at most the product of both lengths.
 */
function matchesRun<W extends string, P, I>(
  pattern: readonly (W | P)[],
  items: readonly I[],
  wildcard: W,
  fits: (wanted: P, item: I) => boolean,
): boolean {
  let at = 0;
  let item = 0;
  let afterWildcard = -1;
  let taken = 0;
  while (item < items.length) {
    const wanted = pattern[at];
    if (wanted === wildcard) {
      afterWildcard = ++at;
      taken = item;
    } else if (at < pattern.length && fits(wanted as P, items[item] as I)) {
      at++;
      item++;
    } else if (afterWildcard >= 0) {
      at = afterWildcard;
      item = ++taken;
    } else {
      return false;
    }
  }
  while (pattern[at] === wildcard) at++;
  return at === pattern.length;
}

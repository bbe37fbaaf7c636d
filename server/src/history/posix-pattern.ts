/** Decides how a regular expression as programmers write it today reads in POSIX's extended syntax, the only one git has here. */

const outside: Readonly<Record<string, string>> = { d: '[0-9]', D: '[^0-9]', t: '\t' };
const inBrackets: Readonly<Record<string, string>> = { d: '0-9', w: '[:alnum:]_', s: '[:space:]', t: '\t' };

/**
 * Rewrites what POSIX would silently take for something else: `\d` (there the letter d), classes and escapes in brackets
 * (there a backslash and a letter), groups that do not capture. Lazy repetition stays: it finds the same lines.
 */
export function toPosix(pattern: string): string {
  const parts = pattern.matchAll(/\[\^?\]?(?:\\[\s\S]|\[[:.=][^\]]*\]|[^\]\\])*\]|\\[\s\S]|\(\?:|[\s\S]/g);
  return [...parts].map(([part]) => partOf(part)).join('');
}

function partOf(part: string): string {
  if (part === '(?:') return '(';
  if (part.startsWith('\\')) return outside[part.charAt(1)] ?? part;
  return part.length > 1 && part.startsWith('[') && part.includes('\\') ? bracketsOf(part) : part;
}

/** In POSIX's brackets nothing is escaped: `]` has to come first and `-` last, `^` not first. */
function bracketsOf(part: string): string {
  const isNegated = part.startsWith('[^');
  const special = { ']': false, '-': false, '^': false };
  const content = part.slice(isNegated ? 2 : 1, -1).replace(/\\([\s\S])/g, (_, escaped: string) => {
    if (!(escaped in special)) return inBrackets[escaped] ?? (escaped === '\\' ? '\\\\' : escaped);
    special[escaped as keyof typeof special] = true;
    return '';
  });
  const rest = `${special[']'] ? ']' : ''}${content}${special['^'] ? '^' : ''}`;
  const dash = special['-'] ? '-' : '';
  if (isNegated) return `[^${rest}${dash}]`;
  if (rest === '^') return dash === '' ? '\\^' : '[-^]';
  return rest.startsWith('^') ? `[${rest.slice(1)}^${dash}]` : `[${rest}${dash}]`;
}

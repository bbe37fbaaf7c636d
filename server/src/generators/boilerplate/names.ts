/** Decides which identifier a written name becomes: letters, digits and _ only, in the style of the language, never a reserved word. */

export type NameStyle = 'camel' | 'snake' | 'pascal';

/** What is an identifier already stays as it is: its style is the caller's choice. */
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
const maxWords = 12;
const maxLength = 80;

/** The words of a name: `retryPayment`, `retry_payment` and `retry payment!` have the same. Other letters than ASCII lose their marks or go. */
export function wordsOf(name: string): string[] {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .slice(0, maxWords);
}

export function styled(words: readonly string[], style: NameStyle): string {
  const lower = words.map((word) => word.toLowerCase());
  if (style === 'snake') return lower.join('_');
  const capital = lower.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return style === 'pascal' ? capital : capital.charAt(0).toLowerCase() + capital.slice(1);
}

/** The identifier for a name; undefined where it has no letter to begin with. */
export function identifierOf(
  name: string,
  style: NameStyle,
  isReserved: (name: string) => boolean,
): string | undefined {
  const trimmed = name.trim();
  const words = wordsOf(trimmed);
  while (words[0] !== undefined && /^\d/.test(words[0])) words.shift();
  if (words.length === 0) return undefined;
  // Ruby takes what begins with a small letter for no class at all, and Go what has no name yet should export.
  const begins = style === 'pascal' ? /^[A-Z]/ : /[A-Za-z]/;
  const isUsable = identifier.test(trimmed) && trimmed.length <= maxLength && begins.test(trimmed);
  const made = (isUsable ? trimmed : styled(words, style)).slice(0, maxLength);
  return isReserved(made) ? `${made}_` : made;
}

const common =
  'abstract as assert async await break case catch class const continue default do else enum export extends false final finally for fun func function fn if implements import in interface internal is let match module mut namespace native new nil null object operator out override package private protected public return self static struct super switch synchronized this throw throws trait true try type typeof use using val var virtual void when where while with yield';
const more: Readonly<Record<string, string>> = {
  python: 'and def del elif except from global lambda None nonlocal not or pass raise True False print',
  ruby: 'alias and begin BEGIN def defined? elsif end END ensure next not or redo rescue retry then undef unless until',
  go: 'chan defer fallthrough go goto map range select init main',
  rust: 'crate dyn extern impl loop mod move pub ref Self unsafe box',
  java: 'boolean byte char double float goto instanceof int long short strictfp transient volatile record',
  csharp:
    'base bool byte char checked decimal delegate double event explicit extern fixed float foreach goto implicit int lock long params readonly ref sbyte sealed short sizeof stackalloc string uint ulong unchecked unsafe ushort',
  php: 'and array callable clone declare die echo elseif empty endfor endif exit eval global goto include insteadof isset list or print require unset xor readonly never mixed',
  kotlin: 'by constructor data init typealias',
  javascript: 'debugger delete instanceof arguments eval undefined NaN any',
};

/** Tells the words that are no name in a language. */
export function reservedIn(language: string): (name: string) => boolean {
  const own = more[language === 'typescript' ? 'javascript' : language] ?? '';
  const reserved = new Set(`${common} ${own}`.split(' '));
  // PHP's words are its own in capital letters, too.
  return (name) => reserved.has(language === 'php' ? name.toLowerCase() : name);
}

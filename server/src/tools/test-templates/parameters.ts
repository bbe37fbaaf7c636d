/** Decides which parameters a function takes, from the line that holds its name: good enough for templates that people fill in. */
import type { Definition } from '../../symbols/port.ts';

/** Languages that write the type before the name. */
const typeFirst: ReadonlySet<string> = new Set(['java', 'csharp', 'c', 'cpp', 'php', 'd', 'dart', 'groovy']);
/** What stands for the object itself. */
const receivers: ReadonlySet<string> = new Set(['self', 'cls', 'this']);
const openers = '([{<';
const closers = ')]}>';

/** Names of the parameters, those of a signature that goes on in the next line as far as it goes. */
export function parametersOf({
  name,
  signature,
  language,
}: Pick<Definition, 'name' | 'signature' | 'language'>): string[] {
  const names = splitList(argumentText(signature, name))
    .map((text) => nameIn(text, language))
    .filter((found) => /^[A-Za-z_]\w*$/.test(found) && !receivers.has(found));
  return [...new Set(names)];
}

/** What stands between the parentheses after the name. */
function argumentText(signature: string, name: string): string {
  const at = signature.lastIndexOf(`${name}(`) >= 0 ? signature.lastIndexOf(`${name}(`) : signature.indexOf(name);
  const open = signature.indexOf('(', Math.max(0, at));
  if (open < 0) return '';
  let depth = 0;
  for (let index = open; index < signature.length; index += 1) {
    if (signature[index] === '(') depth += 1;
    if (signature[index] === ')') depth -= 1;
    if (depth === 0) return signature.slice(open + 1, index);
  }
  return signature.slice(open + 1);
}

/** Splits at commas that are in no bracket. */
function splitList(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [index, character] of [...text].entries()) {
    const isArrow = character === '>' && '-='.includes(text[index - 1] ?? ' ');
    if (openers.includes(character)) depth += 1;
    else if (closers.includes(character) && !isArrow) depth -= 1;
    if (character === ',' && depth <= 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function nameIn(text: string, language: string): string {
  const declared = text.split(/=(?!>)/)[0]?.trim() ?? '';
  if (typeFirst.has(language)) return /([A-Za-z_]\w*)\s*(\[\s*\])*$/.exec(declared)?.[1] ?? '';
  // Names first, with marks of what they are: `*rest`, `&mut self`, `...args`, `private readonly x: T`, `_ label: T`.
  const before = declared.split(/[:?]/)[0] ?? '';
  const words = before
    .replace(/[*&.$@]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  if (language === 'go') return words[0] ?? '';
  return (
    words
      .filter((word) => !['mut', 'const', 'private', 'public', 'readonly', 'protected', 'val', 'var'].includes(word))
      .at(-1) ?? ''
  );
}

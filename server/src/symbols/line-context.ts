/** Decides on what a name is used, as far as its line tells: `store.get(` is a use of `get` on `store`. */
import type { ReferenceKind } from '../syntax/types.ts';
import type { Definition } from './facts.ts';
import { familyOf } from './families.ts';

/** `none`: the name stands alone; `self`: on the object that the code is part of; `unknown`: the line does not show the name. */
export type Receiver =
  | { on: 'none' }
  | { on: 'self' }
  | { on: 'expression' }
  | { on: 'unknown' }
  | { on: 'name'; name: string };

const selfNames = new Set(['this', 'self', 'cls', 'super', 'Self', '$this', 'parent', 'static', 'base', '@']);
const beforeName = /(?:([\p{L}_$@][\p{L}\p{N}_$]*)[!?]*|([)\]}>"'`]))?\s*(?:\?\.|!\.|\.|->|::|\\|&\.)\s*$/u;

/** `(await import('./store.js')).` and `require('./store').`: the module itself. */
const importedHere = /(?:\(\s*await\s+import|\brequire)\(\s*["'`]([^"'`]+)["'`]\s*\)\s*\)?\s*\??\.\s*$/;

/** What stands before `name` on a line; a call's name is looked for where brackets follow it. */
export function receiverOn(line: string, name: string, isCall: boolean, language: string): Receiver {
  const at = findName(line, name, { isCall });
  if (at < 0) return { on: 'unknown' };
  const before = line.slice(Math.max(0, at - 200), at);
  // Elsewhere the sign starts a decorator or an annotation.
  const isInstance = familyOf(language) === 'ruby';
  if (isInstance && /(?:^|[^\w.])@{1,2}$/.test(before)) return { on: 'self' };
  const match = beforeName.exec(before);
  if (match === null) return { on: 'none' };
  const word = isInstance ? match[1] : match[1]?.replace(/^@+/, '');
  if (word === undefined) return called(before, language);
  if (selfNames.has(word)) return { on: 'self' };
  return { on: 'name', name: word };
}

function called(before: string, language: string): Receiver {
  const module = familyOf(language) === 'js' ? importedHere.exec(before)?.[1] : undefined;
  return module === undefined ? { on: 'expression' } : { on: 'name', name: module };
}

/** Behind a name that is set to something, as `get` is in `{ get: this.get }` and in `call(get=self.get)`. */
const isSet = /^\s*(?:=(?![=>])|:(?!:))/;
const declares = /\b(?:func|function|def|fn|fun|class|interface|struct|type|enum|const|let|var)\s+(?:\([^)]*\)\s*)?$/;

/**
 * Start of the name as a whole word, better where it is called and not declared, or read and not only set; -1 when the
 * line does not have it.
 */
export function findName(line: string, name: string, { isCall = false, hasSigils = false } = {}): number {
  let first = -1;
  for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + 1)) {
    const isVariable = hasSigils && line[at - 1] === '$';
    if ((!isVariable && isWordAt(line, at - 1, name[0])) || isWordAt(line, at + name.length, name.at(-1))) continue;
    if (first < 0) first = at;
    if (isCall && declares.test(line.slice(0, at))) continue;
    const after = line.slice(at + name.length, at + name.length + 80);
    if (isCall ? /^\s*(?:<[^<>()]*>\s*)?(?:::<[^()]*>)?[({!`]/.test(after) : !isSet.test(after)) return at;
  }
  return first;
}

function isWordAt(line: string, at: number, edge: string | undefined): boolean {
  const character = line[at];
  if (character === undefined || edge === undefined || !/[\p{L}\p{N}_$]/u.test(edge)) return false;
  return /[\p{L}\p{N}_$]/u.test(character);
}

/** The name of a Go method's receiver: `s` of `func (s *Store) Get()`. */
export function goReceiver(signature: string): string | undefined {
  return /^func\s*\(\s*(\w+)\s/.exec(signature)?.[1];
}

/** In Go, the object that a method belongs to has a name of its own. */
export function receiverOf(
  { text, kind, language }: { text: string | undefined; kind: ReferenceKind; language: string },
  name: string,
  around: Definition | undefined,
): Receiver {
  if (text === undefined) return { on: 'unknown' };
  const receiver = receiverOn(text, name, kind === 'call', language);
  const isOwn =
    language === 'go' &&
    receiver.on === 'name' &&
    around !== undefined &&
    goReceiver(around.signature) === receiver.name;
  return isOwn ? { on: 'self' } : receiver;
}

/** Decides which names of code and which files a query speaks of, as people write them. Pure. */
import { languageOf, plainText } from '../chunking/languages.ts';

const separators = /::|->|\\|[.#]/;
const name = '[A-Za-z_]\\w*';
const qualifiedName = `${name}(?:(?:::|->|\\\\|[.#])${name})+`;

/**
 * Names inside a query of several words: in camel or snake case, qualified, called, or marked as code. Plain words and pure
 * acronyms are none.
 */
const mentions: readonly RegExp[] = [
  /\b(?:[A-Z][a-z][a-zA-Z0-9]*[A-Z][a-zA-Z0-9]*|[a-z][a-zA-Z0-9]*[A-Z][a-zA-Z0-9]+)\b/g,
  /\b(?:[A-Za-z]\w*_\w+|_\w+)\b/g,
  new RegExp(`(?<![\\w/.-])${qualifiedName}(?![\\w/-])`, 'g'),
  new RegExp(`\`(${name})\``, 'g'),
  new RegExp(`\\b(${name})\\(`, 'g'),
];
const abbreviations = new Set(['e.g', 'i.e']);

/** What people put around a name that is all they ask for. */
const kinds =
  'class|struct|interface|trait|protocol|enum|record|object|function|func|fun|fn|def|method|type|macro|module|constant';
const askedFor: readonly RegExp[] = [
  new RegExp(`^(?:the )?(?:${kinds}) (\\S+)$`, 'i'),
  new RegExp(`^(?:the )?(\\S+) (?:${kinds}|definition|declaration|implementation)$`, 'i'),
  /^where (?:is|are) (?:the )?(\S+) (?:defined|declared|implemented)$/i,
  /^(?:the )?(?:definition|declaration|implementation) of (?:the )?(\S+)$/i,
];
const wholeName = new RegExp(`^(?:${qualifiedName}|${name})$`);
const around = /^[`'"]+|[`'"?;]+$/g;

/** The name that the query comes down to: "where is `parseUrl()` defined?" asks for parseUrl. The query itself when it does not. */
export function askedName(query: string): string {
  const text = bare(query);
  for (const form of askedFor) {
    const asked = bare(form.exec(text)?.[1] ?? '');
    if (wholeName.test(asked) && !isFileName(asked)) return asked;
  }
  return text;
}

function bare(text: string): string {
  return text
    .replace(around, '')
    .replace(/\([\w\s,.]*\)$/, '')
    .replace(around, '');
}

/** A name and what it is said to belong to: `http::Server.listen` → listen; http, Server. */
export type SymbolName = { last: string; qualifiers: string[] };

/** Takes a qualified name apart. */
export function partsOfSymbol(symbol: string): SymbolName {
  const parts = symbol.split(separators).filter((part) => part !== '');
  return { last: parts.at(-1) ?? symbol, qualifiers: parts.slice(0, -1) };
}

/** The names of code in a query of several words. */
export function mentionedNames(query: string): SymbolName[] {
  const found = new Map<string, SymbolName>();
  for (const pattern of mentions) {
    for (const [whole, marked] of query.matchAll(pattern)) {
      const symbol = marked ?? whole;
      if (abbreviations.has(symbol) || isFileName(symbol)) continue;
      const parts = partsOfSymbol(symbol);
      const known = found.get(parts.last);
      found.set(parts.last, { last: parts.last, qualifiers: [...(known?.qualifiers ?? []), ...parts.qualifiers] });
    }
  }
  return [...found.values()];
}

const pathToken = /(?<![\w@])(?:[\w@.+-]+\/)*[\w@+-][\w@.+-]*/g;
/** Files that have a name and no extension. */
const bareFileNames = new Set(
  'Dockerfile Containerfile Makefile Jenkinsfile Gemfile Rakefile Vagrantfile Tiltfile'.split(' '),
);

/** True when the word can be nothing but a file: `retry.ts`, `go.mod`, `Makefile`. */
export function isFileName(word: string): boolean {
  if (bareFileNames.has(word)) return true;
  if (!/[\w@+-]\.\w+$/.test(word)) return false;
  return languageOf(word) !== plainText || /\.(?:txt|lock)$/i.test(word);
}

/** Names of files in the query, with the directories that they are said to be in; and what has a slash, which may be one. Lower-case. */
export function mentionedFiles(query: string): string[] {
  const words = (query.match(pathToken) ?? []).map((word) => word.replace(/\.+$/, ''));
  const files = words.filter((word) => word.includes('/') || isFileName(word));
  return [...new Set(files.map((file) => file.toLowerCase()))];
}

/** True when the path ends in that name, with or without the extension. */
export function isNamed(path: string, name: string): boolean {
  const lower = path.toLowerCase();
  return endsIn(lower, name) || (name.includes('/') && endsIn(lower.replace(/\.[^./]*$/, ''), name));
}

function endsIn(path: string, end: string): boolean {
  return path.endsWith(end) && (path.length === end.length || path[path.length - end.length - 1] === '/');
}

/** Decides by which grammar or scanner a file is read, from its language, its name and, where those do not tell, its first lines. */
import { languageOf, plainText } from '../chunking/languages.ts';
import type { GrammarName } from './grammars.ts';
import { grammars } from './grammars.ts';

/** Languages that a scanner of our own reads: no package carries their grammar, or lines tell as much as a tree. */
export const scannerNames = ['dockerfile', 'markdown', 'protobuf', 'sql'] as const;
export type ScannerName = (typeof scannerNames)[number];

/** What reads a file; `language` is the name that the rest of the server uses. */
export type Reader = { language: string } & ({ grammar: GrammarName } | { scanner: ScannerName } | { none: true });

const interpreters: Readonly<Record<string, string>> = {
  sh: 'shell',
  bash: 'shell',
  dash: 'shell',
  ksh: 'shell',
  zsh: 'shell',
  node: 'javascript',
  deno: 'typescript',
  bun: 'typescript',
  python: 'python',
  ruby: 'ruby',
  php: 'php',
  lua: 'lua',
  luajit: 'lua',
  elixir: 'elixir',
  runghc: 'haskell',
  perl: 'perl',
};

const grammarOfLanguage: Readonly<Record<string, GrammarName>> = { shell: 'bash', starlark: 'python' };

/** Signs of C++ in a header, which its extension does not tell from C. */
const cppSigns = /^\s*(?:class\s+\w|namespace\b|template\s*<|using\s+\w|public:|private:|protected:)|\bstd::/m;
const headRead = 20_000;

/** The language that a shebang line asks for. */
function shebangLanguage(text: string): string | undefined {
  if (!text.startsWith('#!')) return undefined;
  const line = text.slice(0, 200).split('\n', 1)[0] as string;
  const program = /^#!\s*(?:\S*\/)?(?:env\s+(?:-\S+\s+)*(?:\w+=\S+\s+)*)?(?:\S*\/)?([a-z]+)/.exec(line)?.[1];
  return program === undefined ? undefined : interpreters[program];
}

/** The language of a file by its name, or by its first line when its name says nothing. */
export function languageOfFile(path: string, text: string): string {
  const byName = languageOf(path);
  return byName === plainText ? (shebangLanguage(text) ?? byName) : byName;
}

/** Which grammar or scanner reads a file. */
export function readerOf(path: string, text: string): Reader {
  const language = languageOfFile(path, text);
  const scanner = scannerNames.find((name) => name === language);
  if (scanner !== undefined) return { language, scanner };
  const lower = path.toLowerCase();
  if (lower.endsWith('.tsx')) return { language, grammar: 'tsx' };
  if (lower.endsWith('.h') && cppSigns.test(text.slice(0, headRead))) return { language: 'cpp', grammar: 'cpp' };
  // Sass and Less are no plain CSS: their nesting and variables would be read as faults.
  if (language === 'css' && !lower.endsWith('.css')) return { language, none: true };
  const grammar = grammarOfLanguage[language] ?? language;
  return Object.hasOwn(grammars, grammar) ? { language, grammar: grammar as GrammarName } : { language, none: true };
}

/** Decides which names a chunk defines, from its text alone; grammars will say it better where there is one. */
import { documentLanguages } from './languages.ts';

/**
 * Keyword, then an optional receiver or qualifier, then the name. The keywords are those of semble's published
 * definition boost, plus const/let/var/val and Go's method receiver.
 */
const keywordDefinition =
  /(?:^|[\s;{}(])(?:class|module|defmodule|def|defp|defn|interface|struct|enum|trait|type|func|function|object|fn|fun|package|namespace|protocol|record|typedef|macro_rules!|impl)\s+(?:\([^()\n]{0,80}\)\s*)?(?:[A-Za-z_]\w*(?:\.|::))*([A-Za-z_]\w*)/gm;
/** Top-level constants and variables. */
const valueDefinition =
  /^(?:export\s+|pub\s+|public\s+|static\s+|final\s+)*(?:const|let|var|val|static)\s+(?:mut\s+)?([A-Za-z_]\w*)/gm;
const sqlDefinition =
  /\bcreate\s+(?:or\s+replace\s+)?(?:table|view|procedure|function)\s+(?:if\s+not\s+exists\s+)?(?:\w+\.)*["`]?(\w+)/gim;
/** C-family function: a line at the outer level that ends its parameter list and opens a body. */
const cFunction = /^[A-Za-z_][\w\s*&:<>,]{0,120}?\b([A-Za-z_]\w*)\s*\([^;{}]{0,400}\)\s*(?:const\s*)?\{/gm;

const cFamily = new Set(['c', 'cpp', 'objectivec', 'java', 'csharp']);
const notNames = new Set([
  'if',
  'for',
  'while',
  'switch',
  'return',
  'else',
  'catch',
  'function',
  'sizeof',
  'static',
  'struct',
  'interface',
  'class',
]);
const maxDefinitions = 40;

/** The distinct names that `text` defines, in order, at most 40; empty for prose and data. */
export function definitionsIn(text: string, language: string): string[] {
  if (documentLanguages.has(language)) return [];
  const names = new Set<string>();
  const patterns =
    language === 'sql'
      ? [sqlDefinition]
      : cFamily.has(language)
        ? [keywordDefinition, cFunction]
        : [keywordDefinition, valueDefinition];
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const name = match[1];
      if (name !== undefined && name.length > 1 && !notNames.has(name)) names.add(name);
      if (names.size >= maxDefinitions) return [...names];
    }
  }
  return [...names];
}

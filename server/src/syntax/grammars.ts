/** Decides which grammar reads which language, where its WASM file lies, and by which rules its trees are read. */

import { c, cpp } from './rules/c.ts';
import { csharp } from './rules/csharp.ts';
import { css, hcl, html, json, toml, yaml } from './rules/data.ts';
import { elixir, haskell } from './rules/functional.ts';
import { go } from './rules/go.ts';
import { javascript, typescript } from './rules/javascript.ts';
import { java, kotlin, scala } from './rules/jvm.ts';
import { python } from './rules/python.ts';
import type { LanguageRules } from './rules/rule.ts';
import { rust } from './rules/rust.ts';
import { bash, lua, php, ruby } from './rules/scripts.ts';
import { swift, zig } from './rules/systems.ts';

/** `file` is a module specifier. */
export type Grammar = { file: string; rules: LanguageRules };

// Microsoft's package is the newer one (its C# knows records and file-scoped namespaces); it has fewer languages.
const current = (name: string): string => `@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`;
const wide = (name: string): string => `@cursorless/tree-sitter-wasms/out/tree-sitter-${name}.wasm`;

export const grammars = {
  typescript: { file: current('typescript'), rules: typescript },
  tsx: { file: current('tsx'), rules: typescript },
  javascript: { file: current('javascript'), rules: javascript },
  python: { file: current('python'), rules: python },
  go: { file: current('go'), rules: go },
  rust: { file: current('rust'), rules: rust },
  java: { file: current('java'), rules: java },
  c: { file: wide('c'), rules: c },
  cpp: { file: current('cpp'), rules: cpp },
  csharp: { file: current('c-sharp'), rules: csharp },
  ruby: { file: current('ruby'), rules: ruby },
  php: { file: current('php'), rules: php },
  kotlin: { file: wide('kotlin'), rules: kotlin },
  swift: { file: wide('swift'), rules: swift },
  scala: { file: wide('scala'), rules: scala },
  bash: { file: current('bash'), rules: bash },
  lua: { file: wide('lua'), rules: lua },
  elixir: { file: wide('elixir'), rules: elixir },
  haskell: { file: wide('haskell'), rules: haskell },
  zig: { file: wide('zig'), rules: zig },
  yaml: { file: wide('yaml'), rules: yaml },
  json: { file: wide('json'), rules: json },
  toml: { file: '@tree-sitter-grammars/tree-sitter-toml/tree-sitter-toml.wasm', rules: toml },
  hcl: { file: wide('hcl'), rules: hcl },
  html: { file: wide('html'), rules: html },
  css: { file: current('css'), rules: css },
} as const satisfies Record<string, Grammar>;

export type GrammarName = keyof typeof grammars;

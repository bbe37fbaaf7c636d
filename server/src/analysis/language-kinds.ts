/** Decides which languages are code, and which are data or prose: these repeat themselves and grow long by nature. */

export const languageKinds = ['code', 'data', 'prose'] as const;
export type LanguageKind = (typeof languageKinds)[number];

const data = new Set('go-module ini json jsonnet toml xml yaml'.split(' '));
const prose = new Set('asciidoc latex markdown restructuredtext text'.split(' '));

/** What a language is for. Markup of pages and style sheets counts as code. */
export function languageKind(language: string): LanguageKind {
  if (data.has(language)) return 'data';
  return prose.has(language) ? 'prose' : 'code';
}

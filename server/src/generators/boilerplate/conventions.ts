/** Decides which conventions files of a codebase keep: licence header, indentation, quotes, semicolons, names, namespace. */
import { type NameStyle, wordsOf } from './names.ts';

export type SampleFile = { path: string; text: string };

/** What is known; what is not is left out, and the language's own custom holds. */
export type Conventions = {
  /** Lines of the comment that files begin with, marks included. */
  header?: readonly string[];
  indent?: string;
  quote?: "'" | '"';
  semicolons?: boolean;
  functionStyle?: NameStyle;
  /** Package or namespace of the directory. */
  namespace?: string;
  testFramework?: string;
};

const headRead = 6_000;
const bodyRead = 40_000;
const maxHeaderLines = 40;
const isLicence = /copyright|licen[cs]e|SPDX-|all rights reserved|©/i;
/** Samples below which nothing but a licence is called a convention. */
const enoughLines = 10;

/** Pure: the same samples give the same conventions. `siblings` are those of the new file's own directory. */
export function conventionsOf(
  samples: readonly SampleFile[],
  siblings: readonly SampleFile[],
  language: string,
): Conventions {
  const header = commonHeader(samples);
  const lines = samples.flatMap(({ text }) => text.slice(0, bodyRead).split(/\r?\n/));
  const indent = indentOf(lines);
  const quote = quoteOf(samples, language);
  const semicolons = semicolonsOf(lines, language);
  const functionStyle = functionStyleOf(samples);
  const namespace = namespaceOf(siblings, language);
  return {
    ...(header !== undefined && { header }),
    ...(indent !== undefined && { indent }),
    ...(quote !== undefined && { quote }),
    ...(semicolons !== undefined && { semicolons }),
    ...(functionStyle !== undefined && { functionStyle }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** The comment at the start of most files, if it speaks of rights. */
function commonHeader(samples: readonly SampleFile[]): string[] | undefined {
  const counts = new Map<string, number>();
  for (const { text } of samples) {
    const header = headerOf(text);
    if (header !== undefined) counts.set(header, (counts.get(header) ?? 0) + 1);
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best === undefined || best[1] * 2 < samples.length ? undefined : best[0].split('\n');
}

/** The first comment of a file, when it is a licence: years and all, exactly as it stands. */
function headerOf(text: string): string | undefined {
  const lines = text
    .slice(0, headRead)
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  let at = 0;
  while (
    at < lines.length &&
    /^(?:#!|<\?php|# frozen_string_literal|# -\*-|declare\(strict_types|\s*$)/.test(lines[at] as string)
  )
    at += 1;
  const first = lines[at] ?? '';
  const from = at;
  if (first.startsWith('/*')) {
    while (at < lines.length && !(lines[at] as string).includes('*/')) at += 1;
    // Code behind the end of the comment is no part of it.
    if (!/\*\/\s*$/.test(lines[at] ?? '')) return undefined;
    at += 1;
  } else {
    const mark = /^(?:\/\/[/!]?|#)(?!\[)/.exec(first)?.[0];
    if (mark === undefined) return undefined;
    while (at < lines.length && (lines[at] as string).startsWith(mark)) at += 1;
  }
  const header = lines.slice(from, at);
  const isShort = header.length > 0 && header.length <= maxHeaderLines && at < lines.length;
  return isShort && isLicence.test(header.join('\n')) ? header.map((line) => line.trimEnd()).join('\n') : undefined;
}

/** A tab, or as many spaces as most steps inwards have. */
function indentOf(lines: readonly string[]): string | undefined {
  const steps = new Map<string, number>();
  let before = 0;
  for (const line of lines) {
    if (line.trim() === '' || /^\s+\*/.test(line)) continue;
    const space = /^[\t ]*/.exec(line)?.[0] ?? '';
    if (space.startsWith('\t')) steps.set('\t', (steps.get('\t') ?? 0) + 1);
    else {
      const step = space.length - before;
      if (step === 2 || step === 4 || step === 8) steps.set(' '.repeat(step), (steps.get(' '.repeat(step)) ?? 0) + 1);
      before = space.length;
    }
  }
  const [best] = [...steps].sort((a, b) => b[1] - a[1]);
  return best !== undefined && best[1] >= enoughLines / 2 ? best[0] : undefined;
}

function quoteOf(samples: readonly SampleFile[], language: string): "'" | '"' | undefined {
  if (!/^(?:javascript|typescript|python|ruby)$/.test(language)) return undefined;
  let single = 0;
  let double = 0;
  for (const { text } of samples) {
    const body = text.slice(0, bodyRead);
    single += body.match(/(?<![\w'\\])'[^'"\n]{1,80}'(?!')/g)?.length ?? 0;
    double += body.match(/(?<![\w"\\])"[^'"\n]{1,80}"(?!")/g)?.length ?? 0;
  }
  if (single + double < enoughLines) return undefined;
  return single >= double ? "'" : '"';
}

function semicolonsOf(lines: readonly string[], language: string): boolean | undefined {
  if (!/^(?:javascript|typescript)$/.test(language)) return undefined;
  const statements = lines.filter((line) =>
    /^\s*(?:import\b|const\b|let\b|return\b|export \{)[^{(]*[\w'"`)\]};]$/.test(line.slice(0, 200)),
  );
  if (statements.length < enoughLines / 2) return undefined;
  return statements.filter((line) => line.endsWith(';')).length * 2 >= statements.length;
}

/** How functions of several words are written. */
function functionStyleOf(samples: readonly SampleFile[]): NameStyle | undefined {
  const counts = { camel: 0, snake: 0, pascal: 0 };
  for (const { text } of samples) {
    for (const [, name = ''] of text
      .slice(0, bodyRead)
      .matchAll(/\b(?:def|function|func|fn|fun)\s+(?:\([^)\n]{0,80}\)\s*)?([A-Za-z_]\w{2,60})/g)) {
      if (wordsOf(name).length < 2) continue;
      if (name.includes('_')) counts.snake += 1;
      else if (/^[A-Z]/.test(name)) counts.pascal += 1;
      else counts.camel += 1;
    }
  }
  const [style, count] = Object.entries(counts).sort((a, b) => b[1] - a[1])[0] as [NameStyle, number];
  return count >= 3 ? style : undefined;
}

const namespaces: Readonly<Record<string, RegExp>> = {
  go: /^package ([a-z_][a-z0-9_]*)\b/m,
  java: /^package ([A-Za-z_][\w.]*);/m,
  kotlin: /^package ([A-Za-z_][\w.]*)\s*$/m,
  csharp: /^namespace ([A-Za-z_][\w.]*)/m,
  php: /^namespace ([A-Za-z_][\w\\]*);/m,
};

function namespaceOf(siblings: readonly SampleFile[], language: string): string | undefined {
  const pattern = namespaces[language];
  if (pattern === undefined) return undefined;
  for (const { text } of siblings) {
    const found = pattern.exec(text.slice(0, headRead))?.[1];
    // A test's package in Go is another one.
    if (found !== undefined && found.length < 200) return language === 'go' ? found.replace(/_test$/, '') : found;
  }
  return undefined;
}

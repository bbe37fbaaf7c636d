import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { unknownTypes } from './compile.ts';
import { Engine } from './engine.ts';
import { type GrammarName, grammars } from './grammars.ts';
import { scannerNames } from './language.ts';
import { outline } from './outline.ts';
import { SyntaxParser } from './parser.ts';
import type { SymbolDefinition, Syntax } from './types.ts';

const directory = join(import.meta.dirname, 'golden');
const samples = readdirSync(directory)
  .filter((name) => name.endsWith('.txt'))
  .map((file) => ({ file, extension: file.split('.')[1] as string }));
const pathOf = (extension: string): string =>
  extension === 'dockerfile' ? 'app/Dockerfile' : `app/sample.${extension}`;
const read = (file: string): string => readFileSync(join(directory, file), 'utf8');

const parser = new SyntaxParser();
afterAll(() => parser.dispose());

const parsed = new Map<string, Syntax>();
async function parse(extension: string): Promise<Syntax> {
  const known = parsed.get(extension);
  if (known !== undefined) return known;
  const syntax = await parser.parse(pathOf(extension), read(`sample.${extension}.txt`));
  parsed.set(extension, syntax);
  return syntax;
}

describe('each language', () => {
  test.each(samples)('$extension reads as its golden outline', async ({ file, extension }) => {
    // `vitest -u` writes the outlines anew; read the difference before it is committed.
    await expect(outline(await parse(extension))).toMatchFileSnapshot(
      join(directory, file.replace(/\.txt$/, '.outline')),
    );
  });

  test.each(samples)(
    '$extension reads the same again, with CRLF and with a byte order mark',
    async ({ file, extension }) => {
      const text = read(file);
      const syntax = await parse(extension);
      expect(await parser.parse(pathOf(extension), text)).toEqual(syntax);
      expect(await parser.parse(pathOf(extension), `\uFEFF${text}`)).toEqual(syntax);
      const windows = await parser.parse(pathOf(extension), text.replaceAll('\n', '\r\n'));
      expect(windows.symbols.map(nameAndPlace)).toEqual(syntax.symbols.map(nameAndPlace));
      expect(windows.borders).toEqual(syntax.borders);
    },
  );

  test.each(samples)('$extension survives being cut at any tenth of its length', async ({ file, extension }) => {
    const text = read(file);
    for (let tenth = 1; tenth < 10; tenth++) {
      const syntax = await parser.parse(pathOf(extension), text.slice(0, Math.floor((text.length * tenth) / 10)));
      expect(syntax.problem).toBeUndefined();
    }
    expect(parser.restarts).toBe(0);
  });

  test.each(samples)(
    '$extension gives spans in order, inside the file, with names on their own lines',
    async ({ file, extension }) => {
      const text = read(file);
      const lines = text.split('\n');
      const { symbols, references, borders } = await parse(extension);
      for (const { startLine, endLine, nameLine, signature, docComment } of symbols) {
        expect(startLine).toBeGreaterThanOrEqual(1);
        expect(nameLine).toBeGreaterThanOrEqual(startLine);
        expect(endLine).toBeGreaterThanOrEqual(nameLine);
        expect(endLine).toBeLessThanOrEqual(lines.length);
        expect(lines[nameLine - 1]).toContain(signature);
        if (docComment !== undefined) expect(docComment.startLine).toBeLessThanOrEqual(docComment.endLine);
      }
      for (const { line, enclosing } of references) {
        expect(line).toBeLessThanOrEqual(lines.length);
        const symbol = enclosing === undefined ? undefined : symbols[enclosing];
        if (symbol !== undefined) expect([symbol.startLine <= line, line <= symbol.endLine]).toEqual([true, true]);
      }
      expect(borders.map(({ line }) => line)).toEqual(
        [...new Set(borders.map(({ line }) => line))].sort((a, b) => a - b),
      );
    },
  );
});

const nameAndPlace = ({ name, kind, startLine, endLine, nameLine, parent, docComment }: SymbolDefinition) => ({
  name,
  kind,
  startLine,
  endLine,
  nameLine,
  parent,
  docComment,
});

describe('the tables', () => {
  test('have a sample for every grammar and scanner', async () => {
    const read = new Set<string>();
    for (const { extension } of samples) read.add(extension === 'tsx' ? 'tsx' : (await parse(extension)).language);
    const wanted = [...Object.keys(grammars), ...scannerNames].map((name) => (name === 'bash' ? 'shell' : name));
    expect([...read].sort()).toEqual(wanted.sort());
  });

  test('name only node types that their grammars have', async () => {
    const engine = await Engine.create();
    const unknown: Record<string, string[]> = {};
    for (const name of Object.keys(grammars) as GrammarName[]) {
      const { language } = await engine.load(name);
      const missing = unknownTypes(grammars[name].rules, language);
      if (missing.length > 0) unknown[name] = missing;
    }
    engine.dispose();
    // TypeScript and JavaScript share their tables.
    expect(unknown).toEqual({
      tsx: ['field_definition'],
      typescript: ['field_definition', 'jsx_opening_element', 'jsx_self_closing_element'],
    });
  });
});

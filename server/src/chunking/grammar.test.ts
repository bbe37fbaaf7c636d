import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { SyntaxParser } from '../syntax/parser.ts';
import type { Border } from '../syntax/types.ts';
import { chunkFile } from './chunker.ts';
import { chunkByGrammar } from './grammar.ts';

const parser = new SyntaxParser();
afterAll(() => parser.dispose());

const golden = new URL('../syntax/golden/', import.meta.url);
const samples = readdirSync(golden).filter((name) => name.endsWith('.txt'));
const sample = (name: string) => readFileSync(new URL(name, golden), 'utf8');
const limits = [60, 150, 300, 600, 1500];

async function cut(path: string, text: string, limit: number) {
  const syntax = await parser.parse(path, text);
  return { syntax, chunks: chunkFile(text, limit, syntax) };
}

describe('[chunking.symbols] every sample of every language', () => {
  test.each(samples)('%s keeps each definition that fits whole, with its doc comment', async (name) => {
    const text = sample(name);
    const lines = text.split('\n');
    for (const limit of limits) {
      const { syntax, chunks } = await cut(name.replace('.txt', ''), text, limit);
      for (const { name: symbol, startLine, endLine, docComment } of syntax.symbols) {
        const from = Math.min(startLine, docComment?.startLine ?? startLine);
        if (lines.slice(from - 1, endLine).join('\n').length > limit) continue;
        const whole = chunks.some((chunk) => chunk.startLine <= from && chunk.endLine >= endLine);
        expect(whole, `${symbol}, lines ${from} to ${endLine}, limit ${limit}`).toBe(true);
      }
    }
  });

  test.each(samples)('[chunking.limits] %s loses no text, and no chunk is over the limit', async (name) => {
    const text = sample(name);
    for (const limit of limits) {
      const { chunks } = await cut(name.replace('.txt', ''), text, limit);
      const all = chunks.map((chunk) => chunk.text).join('');
      expect(all.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
      for (const chunk of chunks) {
        expect(chunk.text.length).toBeLessThanOrEqual(limit);
        const lines = text.split('\n').slice(chunk.startLine - 1, chunk.endLine);
        expect(lines.join('\n')).toContain(chunk.text);
        expect(lines[0]?.trim(), 'starts where it says').not.toBe('');
        expect(lines.at(-1)?.trim(), 'ends where it says').not.toBe('');
      }
    }
  });
});

const body = (lines: number) => Array.from({ length: lines }, (_, i) => `\tstep(${i})\n`).join('');
const func = (name: string, lines: number) => `// ${name} does it.\nfunc ${name}() {\n${body(lines)}}\n`;

describe('[chunking.symbols] cutting', () => {
  test('joins small neighbours up to the limit', async () => {
    const { chunks } = await cut(
      'a.go',
      `package a\n\n${func('one', 2)}\n${func('two', 2)}\n${func('three', 12)}`,
      150,
    );
    expect(chunks.map(({ startLine, endLine }) => [startLine, endLine])).toEqual([
      [1, 13],
      [15, 29],
    ]);
  });

  test('cuts a definition that is too large at its own statements', async () => {
    const text = `package a\n\n${func('big', 40)}\n${func('small', 1)}`;
    const { chunks } = await cut('a.go', text, 200);
    const small = chunks.at(-1);
    expect(small?.text).toBe(func('small', 1).trimEnd());
    for (const chunk of chunks.slice(0, -1)) expect(chunk.text.length).toBeLessThanOrEqual(200);
    expect(chunks.length).toBeGreaterThan(2);
  });

  test('cuts a class between its methods', async () => {
    const method = (name: string) => `  ${name}() {\n${'    this.call();\n'.repeat(6)}  }\n`;
    const { chunks } = await cut(
      'a.ts',
      `export class A {\n${method('one')}\n${method('two')}\n${method('three')}}\n`,
      170,
    );
    expect(chunks.map((chunk) => chunk.text.trim().split('\n')[0])).toEqual([
      'export class A {',
      'two() {',
      'three() {',
    ]);
  });

  test('a definition that fits is whole though the bracket that closes its class is too much', async () => {
    const method = `  long() {\n${'    call();\n'.repeat(12)}  }`;
    const text = `class A {\n${'  field = 1;\n'.repeat(12)}${method}\n}\n`;
    const { chunks } = await cut('a.ts', text, method.length);
    expect(chunks.map((chunk) => chunk.text)).toContain(method);
  });

  test('a definition where the grammar sees no border is whole, too', () => {
    const inner = `  function inner() {\n${'    call();\n'.repeat(8)}  }`;
    const text = `register(\n${'  "a long argument",\n'.repeat(8)}${inner}\n${'  "another argument",\n'.repeat(8)});\n`;
    const symbols = [{ startLine: 10, endLine: 19 }];
    const chunks = chunkByGrammar(text, 150, { borders: [{ line: 1, depth: 0 }], symbols });
    expect(chunks.map((chunk) => chunk.text)).toContain(inner);
  });

  test('a stretch without borders is cut by lines', async () => {
    const text = `package a\n\nconst text = \`\n${'some words in a raw string\n'.repeat(30)}\`\n\n${func('after', 2)}`;
    const { chunks } = await cut('a.go', text, 200);
    expect(chunks.at(-1)?.text).toBe(func('after', 2).trimEnd());
    expect(Math.max(...chunks.map((chunk) => chunk.text.length))).toBeLessThanOrEqual(200);
  });

  test('a line over the limit survives', async () => {
    const { chunks } = await cut('a.js', `const a = [${'1,'.repeat(500)}];\nconst b = 2;\n`, 100);
    expect(chunks.map((chunk) => chunk.text).join('')).toContain('const b = 2;');
    for (const chunk of chunks) expect(chunk.text.length).toBeLessThanOrEqual(100);
  });

  test.each([
    ['', 0],
    ['\n\n  \n', 0],
    ['\n\n\nfunc a() {}', 1],
    ['\r\nfunc a() {}\r\n\r\n', 1],
  ])('%j gives %i chunks', async (text, count) => {
    expect((await cut('a.go', text, 100)).chunks).toHaveLength(count);
  });

  test('borders that a broken grammar might give lose no text either', () => {
    const text = Array.from({ length: 50 }, (_, i) => `line ${i}`).join('\n');
    let seed = 3;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed % below;
    };
    for (let round = 0; round < 200; round++) {
      const borders: Border[] = Array.from({ length: random(30) }, () => ({ line: 1 + random(60), depth: random(5) }))
        .sort((a, b) => a.line - b.line)
        .filter((border, i, all) => border.line !== all[i - 1]?.line);
      const symbols = Array.from({ length: random(10) }, () => {
        const startLine = 1 + random(50);
        return { startLine, endLine: startLine + random(20) };
      });
      const chunks = chunkByGrammar(text, 40 + random(200), { borders, symbols });
      expect(chunks.map((chunk) => chunk.text).join('\n')).toBe(text);
    }
  });
});

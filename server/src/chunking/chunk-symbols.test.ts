import { afterAll, describe, expect, test } from 'vitest';
import { SyntaxParser } from '../syntax/parser.ts';
import { symbolsOfChunks } from './chunk-symbols.ts';
import { chunkFile } from './chunker.ts';

const parser = new SyntaxParser();
afterAll(() => parser.dispose());

async function describeChunks(path: string, text: string, limit: number) {
  const syntax = await parser.parse(path, text);
  const chunks = chunkFile(text, limit, syntax);
  return symbolsOfChunks(chunks, syntax.symbols);
}

describe('[chunking.described] what a chunk defines and where it lies', () => {
  const method = (name: string) => `  ${name}() {\n${'    this.call();\n'.repeat(5)}  }\n`;

  test('a class that is cut between its methods', async () => {
    const text = `// Keeps things.\nexport class Store {\n  size = 0;\n${method('first')}\n${method('second')}}\n\nexport function after() {}\n`;
    expect(await describeChunks('a.ts', text, 150)).toEqual([
      { definitions: ['Store', 'first'], kinds: ['class', 'field', 'method'], scope: '' },
      { definitions: ['second'], kinds: ['method'], scope: 'Store' },
      { definitions: ['after'], kinds: ['function'], scope: '' },
    ]);
  });

  test('a function that is cut at its statements', async () => {
    const text = `class A:\n    def long(self):\n${'        self.step()\n'.repeat(20)}\n    def next(self):\n        pass\n`;
    const found = await describeChunks('a.py', text, 200);
    expect(found[0]).toMatchObject({ definitions: ['A', 'long'], scope: '' });
    expect(found[1]).toMatchObject({ definitions: [], kinds: [], scope: 'A.long' });
    expect(found.at(-1)).toMatchObject({ definitions: ['next'] });
  });

  test('prose and data define no code, and names with spaces are no words', async () => {
    expect(await describeChunks('a.md', '# How to start\n\nText.\n', 500)).toEqual([
      { definitions: [], kinds: ['heading'], scope: '' },
    ]);
    expect((await describeChunks('a.json', '{"name": "x"}\n', 500))[0]?.definitions).toEqual([]);
  });

  test('pieces of one line define what stands in them', async () => {
    const text = `function first(){return 1} ${';'.repeat(220)} function second(){return 2}`;
    const found = await describeChunks('a.js', text, 120);
    expect(found.map(({ definitions }) => definitions)).toEqual([['first'], [], ['second']]);
  });
});

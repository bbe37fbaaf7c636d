import { expect, test } from 'vitest';
import type { SymbolDefinition } from '../syntax/types.ts';
import { summaryOf } from './summary.ts';

const symbol = (kind: SymbolDefinition['kind'], name: string, sentence?: string): SymbolDefinition => ({
  name,
  kind,
  startLine: 1,
  endLine: 2,
  nameLine: 1,
  signature: name,
  ...(sentence !== undefined && { docComment: { startLine: 1, endLine: 1, sentence } }),
});

test('[search.ranking] a file is summed up by the names of its definitions and what their comments say first', () => {
  const symbols = [
    symbol('class', 'Pool', 'Keeps connections.'),
    symbol('method', 'take'),
    symbol('variable', 'waiting', 'Who waits.'),
    symbol('method', 'take', 'Waits for a free one.'),
  ];
  expect(summaryOf(symbols)).toBe('Pool\ntake\nKeeps connections.\nWaits for a free one.');
});

test('[search.ranking] a table of thousands of names is cut', () => {
  const symbols = Array.from({ length: 5000 }, (_, i) => symbol('constant', `NAME_${i}`));
  expect(summaryOf(symbols)).toHaveLength(8000);
});

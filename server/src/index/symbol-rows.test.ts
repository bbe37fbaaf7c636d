import { describe, expect, test } from 'vitest';
import { parseFile } from '../syntax/parser.ts';
import { SymbolRows } from './symbol-rows.ts';
import type { TextColumn } from './text-column.ts';
import { TextColumnBuilder } from './text-column.ts';
import type { SymbolColumns } from './worker-protocol.ts';

const decoder = new TextDecoder();
const textAt = ({ offsets, bytes }: TextColumn, row: number) =>
  decoder.decode(bytes.subarray(offsets[row], offsets[row + 1]));

function rowsOf(columns: SymbolColumns): Record<string, string | number>[] {
  return Array.from({ length: columns.count }, (_, row) =>
    Object.fromEntries(
      Object.entries(columns)
        .filter(([name]) => name !== 'count')
        .map(([name, column]) => [
          name,
          column instanceof Int32Array ? (column[row] as number) : textAt(column as TextColumn, row),
        ]),
    ),
  );
}

describe('[index.symbols] rows of a file', () => {
  test('tell its definitions, its references by name, and its imports', async () => {
    const text = `import { open, close, bar as lock } from './door.ts';
import * as all from './all.ts';
/** Goes through. It is quick. */
export function pass(door: Door): void {
  open(door);
  open(door); open(door);
  close(door);
}
class Hall { enter() { if (a) open(b); } }
`;
    const rows = new SymbolRows();
    rows.addFile('src/house.ts', await parseFile('src/house.ts', text));
    const all = rowsOf(rows.finish());
    expect(all.every(({ path, language }) => path === 'src/house.ts' && language === 'typescript')).toBe(true);
    const pick = (role: string, keys: string[]) =>
      all.filter((row) => row.role === role).map((row) => keys.map((key) => row[key]));
    const columns = [
      'name',
      'kind',
      'parent',
      'ordinal',
      'line',
      'endLine',
      'nameLine',
      'exported',
      'doc',
      'docLine',
      'complexity',
    ];
    expect(pick('definition', columns)).toEqual([
      ['pass', 'function', '', 0, 4, 8, 4, 1, 'Goes through.', 3, 1],
      ['Hall', 'class', '', 1, 9, 9, 9, 0, '', 0, 0],
      ['enter', 'method', 'Hall', 2, 9, 9, 9, 1, '', 0, 2],
    ]);
    expect(pick('definition', ['signature'])[0]).toEqual(['export function pass(door: Door): void {']);
    const references = pick('reference', ['name', 'kind', 'line', 'ordinal', 'uses']);
    expect(references).toContainEqual(['open', 'call', 5, -1, '5@0 6@0 9@2']);
    expect(references).toContainEqual(['close', 'call', 7, -1, '7@0']);
    expect(references).toContainEqual(['open', 'import', 1, -1, '1@-1']);
    expect(references).toContainEqual(['Door', 'type', 4, -1, '4@0']);
    expect(pick('import', ['name', 'line', 'uses', 'signature'])).toEqual([
      ['./door.ts', 1, 'open close bar', 'bar=lock'],
      ['./all.ts', 2, '', '=all'],
    ]);
  });
});

describe('columns of text', () => {
  test('hold any string, in buffers of their own size', () => {
    const values = [
      '',
      'a',
      'größe',
      '😀'.repeat(3000),
      '',
      'x'.repeat(100_000),
      ...Array.from({ length: 700 }, String),
    ];
    const builder = new TextColumnBuilder();
    for (const value of values) builder.add(value);
    const column = builder.finish();
    expect(values.map((_, row) => textAt(column, row))).toEqual(values);
    expect(column.bytes.buffer.byteLength).toBe(column.bytes.byteLength);
    expect(column.offsets.buffer.byteLength).toBe(column.offsets.byteLength);
  });
});

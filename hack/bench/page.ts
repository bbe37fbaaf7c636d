/** Decides what docs/benchmarks.md shows: the tables of the recorded runs, between markers; its words are left alone. */
import { z } from 'zod';
import { renderTable, type Table } from './table.ts';
import { judge, verdictTable } from './targets.ts';

const value = z.union([z.string(), z.number(), z.null()]);

/** The last line of a benchmark, with the day it ran. JSON has no NaN: what was not measured is null. */
export const recordSchema = z.object({
  bench: z.string(),
  measured: z.string(),
  machine: z.object({ cores: z.number(), memory: z.number() }),
  figures: z.record(z.string(), z.number().nullable()),
  tables: z
    .array(z.object({ name: z.string(), columns: z.array(z.string()), rows: z.array(z.array(value)) }))
    .optional(),
});
export type BenchRecord = z.infer<typeof recordSchema>;

/** Runs out of a file of JSON lines. */
export function readRecords(text: string): BenchRecord[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => recordSchema.parse(JSON.parse(line)));
}

/** The runs with `record` in place of an earlier one of the same benchmark, in a fixed order. */
export function withRecord(records: readonly BenchRecord[], record: BenchRecord): BenchRecord[] {
  const others = records.filter(({ bench }) => bench !== record.bench);
  return [...others, record].sort((a, b) => (a.bench < b.bench ? -1 : 1));
}

/** All tables of the runs, the targets and the machines first. */
export function tablesOf(records: readonly BenchRecord[]): Table[] {
  const known = records.flatMap(({ figures }) => Object.entries(figures)).map(([name, it]) => [name, it ?? Number.NaN]);
  const machines: Table = {
    name: 'machines',
    columns: ['benchmark', 'measured', 'cores', 'memory GB'],
    rows: records.map(({ bench, measured, machine }) => [bench, measured, machine.cores, machine.memory / 1e9]),
  };
  // A benchmark without contenders shows its figures.
  const own = records.flatMap(({ bench, figures, tables = [figuresTable(bench, figures)] }) => tables);
  const numbers = own.map((table) => ({ ...table, rows: table.rows.map((row) => row.map((it) => it ?? Number.NaN)) }));
  return [machines, verdictTable(judge(Object.fromEntries(known))), ...numbers];
}

function figuresTable(name: string, figures: BenchRecord['figures']) {
  return { name, columns: ['figure', 'value'], rows: Object.entries(figures) };
}

/** The page with each of these tables between its markers. Markers of other tables keep what they hold. */
export function withTables(page: string, tables: readonly Table[]): string {
  return tables.reduce((text, table) => {
    const between = new RegExp(`(<!-- table ${table.name} -->\n)[^]*?(<!-- end -->)`);
    return text.replace(between, (_, start: string, end: string) => `${start}\n${renderTable(table)}\n\n${end}`);
  }, page);
}

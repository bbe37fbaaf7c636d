/** Decides how figures are laid out: a Markdown table that is also readable in a terminal. */

/** A table as data; `name` says where it belongs in docs/benchmarks.md. */
export type Table = { name: string; columns: string[]; rows: (string | number)[][] };

/** Four significant digits are more than a benchmark can tell apart. */
export function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}

/** A cell's text; a figure that was not measured is a dash. */
export function cell(value: string | number): string {
  if (typeof value === 'string') return value;
  return Number.isFinite(value) ? rounded(value).toLocaleString('en-US', { maximumSignificantDigits: 4 }) : '–';
}

/** The table in Markdown, columns padded to one width, numbers to the right. */
export function renderTable({ columns, rows }: Table): string {
  const texts = [columns, ...rows.map((row) => row.map(cell))];
  const widths = columns.map((_, i) => Math.max(3, ...texts.map((row) => (row[i] ?? '').length)));
  const isNumber = columns.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'));
  const pad = (text: string, i: number) =>
    isNumber[i] === true ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  const line = (row: readonly string[]) => `| ${columns.map((_, i) => pad(row[i] ?? '', i)).join(' | ')} |`;
  const rule = widths.map((width, i) => (isNumber[i] === true ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  const [head = [], ...body] = texts;
  return [line(head), `| ${rule.join(' | ')} |`, ...body.map(line)].join('\n');
}

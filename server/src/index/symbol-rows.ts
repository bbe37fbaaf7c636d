/** Decides what of a file's syntax becomes rows of the `symbols` table. */
import type { ImportReference, SymbolDefinition, SymbolReference, Syntax } from '../syntax/types.ts';
import { TextColumnBuilder } from './text-column.ts';
import type { SymbolColumns } from './worker-protocol.ts';

/** What a row of `symbols` tells: where a name is defined, where it is used, or what is imported. */
export type SymbolRole = 'definition' | 'reference' | 'import';

/** One row, as the table has it. Absent: '' or the number that stands for nothing. */
type SymbolRow = {
  role: SymbolRole;
  name: string;
  kind: string;
  parent?: string;
  /** Definitions: index among the file's definitions; else -1. */
  ordinal?: number;
  line: number;
  endLine: number;
  nameLine: number;
  /** 1, 0, or -1 where it is not known. */
  exported?: number;
  doc?: string;
  /** Where the doc comment starts; 0 without one. */
  docLine?: number;
  signature?: string;
  /** 0 where there is none. */
  complexity?: number;
  /** References: `line@ordinal` pairs, ordinal that of the innermost definition around, -1 without one; imports: the names taken. */
  uses?: string;
};

const texts = ['path', 'language', 'role', 'name', 'kind', 'parent', 'doc', 'signature', 'uses'] as const;
const numbers = ['ordinal', 'line', 'endLine', 'nameLine', 'exported', 'docLine', 'complexity'] as const;

/** Gathers the rows of a batch of files. */
export class SymbolRows {
  readonly #texts = new Map(texts.map((name) => [name, new TextColumnBuilder()]));
  readonly #numbers = new Map(numbers.map((name) => [name, [] as number[]]));
  #count = 0;

  /** Adds all rows of one file. */
  addFile(path: string, { language, symbols, references, imports }: Syntax): void {
    for (const [ordinal, symbol] of symbols.entries()) this.#add(path, language, definitionRow(symbol, ordinal));
    for (const row of referenceRows(references)) this.#add(path, language, row);
    for (const reference of imports) this.#add(path, language, importRow(reference));
  }

  finish(): SymbolColumns {
    const columns: Record<string, unknown> = { count: this.#count };
    for (const [name, builder] of this.#texts) columns[name] = builder.finish();
    for (const [name, values] of this.#numbers) columns[name] = Int32Array.from(values);
    return columns as SymbolColumns;
  }

  #add(path: string, language: string, row: SymbolRow): void {
    this.#count++;
    this.#text('path', path);
    this.#text('language', language);
    this.#text('role', row.role);
    this.#text('name', row.name);
    this.#text('kind', row.kind);
    this.#text('parent', row.parent ?? '');
    this.#text('doc', row.doc ?? '');
    this.#text('signature', row.signature ?? '');
    this.#text('uses', row.uses ?? '');
    this.#number('ordinal', row.ordinal ?? -1);
    this.#number('line', row.line);
    this.#number('endLine', row.endLine);
    this.#number('nameLine', row.nameLine);
    this.#number('exported', row.exported ?? -1);
    this.#number('docLine', row.docLine ?? 0);
    this.#number('complexity', row.complexity ?? 0);
  }

  #text(name: (typeof texts)[number], value: string): void {
    this.#texts.get(name)?.add(value);
  }

  #number(name: (typeof numbers)[number], value: number): void {
    this.#numbers.get(name)?.push(value);
  }
}

function definitionRow(symbol: SymbolDefinition, ordinal: number): SymbolRow {
  const { name, kind, startLine, endLine, nameLine, parent, docComment, exported, signature, complexity } = symbol;
  return {
    role: 'definition',
    name,
    kind,
    parent: parent ?? '',
    ordinal,
    line: startLine,
    endLine,
    nameLine,
    exported: exported === undefined ? -1 : exported ? 1 : 0,
    doc: docComment?.sentence ?? '',
    docLine: docComment?.startLine ?? 0,
    signature,
    complexity: complexity ?? 0,
  };
}

/** One row a name and kind, with all places in file order. */
function referenceRows(references: readonly SymbolReference[]): Iterable<SymbolRow> {
  const rows = new Map<string, SymbolRow & { last: string }>();
  for (const { name, kind, line, enclosing } of references) {
    const key = `${kind} ${name}`;
    const use = `${line}@${enclosing ?? -1}`;
    const known = rows.get(key);
    if (known === undefined) {
      rows.set(key, { role: 'reference', name, kind, line, endLine: line, nameLine: line, uses: use, last: use });
    } else if (known.last !== use) {
      known.uses += ` ${use}`;
      known.endLine = line;
      known.last = use;
    }
  }
  return rows.values();
}

function importRow({ module, names, line }: ImportReference): SymbolRow {
  return { role: 'import', name: module, kind: '', line, endLine: line, nameLine: line, uses: names.join(' ') };
}

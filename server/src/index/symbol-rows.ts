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

/** Gathers the rows of a batch of files. */
export class SymbolRows {
  readonly #texts = {
    path: new TextColumnBuilder(),
    language: new TextColumnBuilder(),
    role: new TextColumnBuilder(),
    name: new TextColumnBuilder(),
    kind: new TextColumnBuilder(),
    parent: new TextColumnBuilder(),
    doc: new TextColumnBuilder(),
    signature: new TextColumnBuilder(),
    uses: new TextColumnBuilder(),
  };
  readonly #numbers = {
    ordinal: [] as number[],
    line: [] as number[],
    endLine: [] as number[],
    nameLine: [] as number[],
    exported: [] as number[],
    docLine: [] as number[],
    complexity: [] as number[],
  };

  /** Adds all rows of one file. */
  addFile(path: string, { language, symbols, references, imports }: Syntax): void {
    for (const [ordinal, symbol] of symbols.entries()) this.#add(path, language, definitionRow(symbol, ordinal));
    for (const row of referenceRows(references)) this.#add(path, language, row);
    for (const reference of imports) this.#add(path, language, importRow(reference));
  }

  finish(): SymbolColumns {
    const columns: Record<string, unknown> = { count: this.#numbers.line.length };
    for (const [name, builder] of Object.entries(this.#texts)) columns[name] = builder.finish();
    for (const [name, values] of Object.entries(this.#numbers)) columns[name] = Int32Array.from(values);
    return columns as SymbolColumns;
  }

  #add(path: string, language: string, row: SymbolRow): void {
    const texts = this.#texts;
    texts.path.add(path);
    texts.language.add(language);
    texts.role.add(row.role);
    texts.name.add(row.name);
    texts.kind.add(row.kind);
    texts.parent.add(row.parent ?? '');
    texts.doc.add(row.doc ?? '');
    texts.signature.add(row.signature ?? '');
    texts.uses.add(row.uses ?? '');
    const numbers = this.#numbers;
    numbers.ordinal.push(row.ordinal ?? -1);
    numbers.line.push(row.line);
    numbers.endLine.push(row.endLine);
    numbers.nameLine.push(row.nameLine);
    numbers.exported.push(row.exported ?? -1);
    numbers.docLine.push(row.docLine ?? 0);
    numbers.complexity.push(row.complexity ?? 0);
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

type ReferenceRow = SymbolRow & { uses: string; lastEnclosing: number };

/** One row a name and kind, with all places in file order. */
function referenceRows(references: readonly SymbolReference[]): SymbolRow[] {
  const rows: SymbolRow[] = [];
  const byKind = new Map<string, Map<string, ReferenceRow>>();
  for (const { name, kind, line, enclosing = -1 } of references) {
    let byName = byKind.get(kind);
    if (byName === undefined) {
      byName = new Map();
      byKind.set(kind, byName);
    }
    const known = byName.get(name);
    if (known === undefined) {
      const uses = `${line}@${enclosing}`;
      const row: ReferenceRow = {
        role: 'reference',
        name,
        kind,
        line,
        endLine: line,
        nameLine: line,
        uses,
        lastEnclosing: enclosing,
      };
      byName.set(name, row);
      rows.push(row);
    } else if (known.endLine !== line || known.lastEnclosing !== enclosing) {
      known.uses += ` ${line}@${enclosing}`;
      known.endLine = line;
      known.lastEnclosing = enclosing;
    }
  }
  return rows;
}

/** `signature`: names that are called otherwise, as `name=word`; the module's own is `=word`. */
function importRow({ module, names, renames = [], line }: ImportReference): SymbolRow {
  const signature = renames.map(({ name, as }) => `${name}=${as}`).join(' ');
  const uses = names.join(' ');
  return { role: 'import', name: module, kind: '', line, endLine: line, nameLine: line, signature, uses };
}

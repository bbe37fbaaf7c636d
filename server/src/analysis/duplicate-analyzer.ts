/** Decides which files are compared for duplicate code, and how what is found reads: by path, with the names of what is in it. */
import { isTestPath } from '../search/penalties.ts';
import { knowsComments } from '../syntax/comment-syntax.ts';
import type { Cells } from './cells.ts';
import { findClones } from './duplicates/find.ts';
import type { CloneGroup, Occurrence } from './duplicates/groups.ts';
import { TokenStore } from './duplicates/tokens.ts';
import { languageKind } from './language-kinds.ts';
import type { DuplicateGroup } from './port.ts';
import type { Analyzer, DuplicatesResult } from './worker-protocol.ts';

/** Pages, style sheets and build rules repeat themselves like data. */
const notCompared = new Set(['css', 'html', 'make']);

/** A bound on memory: 12 bytes a token while they are compared. 24 million are about three million lines. */
const maxTokens = 24_000_000;
const maxGroups = 2_000;
const maxSymbols = 3;

/** Names of values tell less than those of what holds them. */
const valueKinds = new Set(['variable', 'constant', 'module']);

type Definition = { name: string; startLine: number; endLine: number };

export class DuplicateAnalyzer implements Analyzer<DuplicatesResult> {
  readonly #limits: { minSimilarity: number; minLines: number };
  readonly #accepts: (path: string) => boolean;
  readonly #store = new TokenStore();
  readonly #definitions = new Map<string, Definition[]>();
  #lines = 0;
  #left = 0;

  constructor(limits: { minSimilarity: number; minLines: number }, accepts: (path: string) => boolean) {
    this.#limits = limits;
    this.#accepts = accepts;
  }

  /** Takes `files` (path, language, text, lines) and `definitions` (path, name, kind, line, end_line). */
  add(part: string, cells: Cells): void {
    for (let row = 0; row < cells.rows; row++) {
      const path = cells.text('path', row);
      if (!this.#accepts(path)) continue;
      if (part === 'files') this.#addFile(path, cells, row);
      else this.#addDefinition(path, cells, row);
    }
  }

  finish(): DuplicatesResult {
    const { groups, complete } = findClones(this.#store, this.#limits, ({ path }) => isTestPath(path));
    return {
      groups: groups.slice(0, maxGroups).map((group) => this.#named(group)),
      totalGroups: groups.length,
      filesCompared: this.#store.files.length,
      duplicatedLines: coveredLines(groups),
      comparedLines: this.#lines,
      complete: complete && this.#left === 0,
    };
  }

  #addFile(path: string, cells: Cells, row: number): void {
    const language = cells.text('language', row);
    if (languageKind(language) !== 'code' || notCompared.has(language) || !knowsComments(language)) return;
    if (this.#store.count >= maxTokens) {
      this.#left++;
      return;
    }
    const { bytes, from, to } = cells.bytes('text', row);
    this.#store.addFile(path, language, bytes, from, to);
    this.#lines += cells.int('lines', row);
  }

  #addDefinition(path: string, cells: Cells, row: number): void {
    if (valueKinds.has(cells.text('kind', row))) return;
    const definition = {
      name: cells.text('name', row),
      startLine: cells.int('line', row),
      endLine: cells.int('end_line', row),
    };
    const known = this.#definitions.get(path);
    if (known === undefined) this.#definitions.set(path, [definition]);
    else known.push(definition);
  }

  #named({ occurrences, similarity, lines }: CloneGroup): DuplicateGroup {
    return {
      similarity,
      lines,
      occurrences: occurrences.map((one) => {
        const path = this.#store.files[one.file]?.path ?? '';
        return { path, startLine: one.startLine, endLine: one.endLine, symbols: this.#symbolsIn(path, one) };
      }),
    };
  }

  /** The definitions that start in the place, else the innermost around it. */
  #symbolsIn(path: string, { startLine, endLine }: Occurrence): string[] {
    const all = this.#definitions.get(path) ?? [];
    const inside = all.filter((one) => one.startLine >= startLine && one.startLine <= endLine);
    if (inside.length > 0) return [...new Set(inside.map(({ name }) => name))].slice(0, maxSymbols);
    const around = all.filter((one) => one.startLine <= startLine && one.endLine >= startLine);
    const innermost = around.toSorted((x, y) => y.startLine - x.startLine)[0];
    return innermost === undefined ? [] : [innermost.name];
  }
}

/** Distinct lines that are part of any group. */
function coveredLines(groups: readonly CloneGroup[]): number {
  const byFile = new Map<number, Occurrence[]>();
  for (const one of groups.flatMap(({ occurrences }) => occurrences)) {
    const known = byFile.get(one.file);
    if (known === undefined) byFile.set(one.file, [one]);
    else known.push(one);
  }
  let lines = 0;
  for (const places of byFile.values()) {
    let reached = 0;
    for (const { startLine, endLine } of places.sort((x, y) => x.startLine - y.startLine)) {
      lines += Math.max(0, endLine - Math.max(reached, startLine - 1));
      reached = Math.max(reached, endLine);
    }
  }
  return lines;
}

/** Decides what of a codebase is worth mending, how much it matters, and in which order it is told. */
import { isTestPath } from '../search/penalties.ts';
import type { Definition } from '../symbols/facts.ts';
import { undocumentedIn } from '../symbols/undocumented.ts';
import type { SymbolKind } from '../syntax/types.ts';
import type { Cells } from './cells.ts';
import { DuplicateAnalyzer } from './duplicate-analyzer.ts';
import { languageKind } from './language-kinds.ts';
import {
  type DuplicateGroup,
  type Improvement,
  type ImprovementKind,
  improvementKinds,
  type Priority,
  priorities,
} from './port.ts';
import { findTodos, type Todo } from './todo-comments.ts';
import type { Analyzer, ImprovementsJob, ImprovementsResult } from './worker-protocol.ts';

/** What is told at most; counts are of all. */
const maxImprovements = 20_000;
const maxNamed = 5;
const callable = new Set(['function', 'method']);

/** `weight` orders what has one priority. */
type Weighted = { improvement: Improvement; weight: number };

export class ImprovementAnalyzer implements Analyzer<ImprovementsResult> {
  readonly #job: ImprovementsJob;
  readonly #accepts: (path: string) => boolean;
  readonly #duplicates: DuplicateAnalyzer | undefined;
  readonly #found: Weighted[] = [];
  readonly #definitions = new Map<string, Definition[]>();
  #files = 0;
  #functions = 0;
  #exported = 0;
  #documented = 0;

  constructor(job: ImprovementsJob, accepts: (path: string) => boolean) {
    this.#job = job;
    this.#accepts = accepts;
    this.#duplicates = job.duplicates === undefined ? undefined : new DuplicateAnalyzer(job.duplicates, accepts);
  }

  /** Takes `files` (path, language, lines, text) and `definitions` (with kind, parent, exported, doc_line, complexity too). */
  add(part: string, cells: Cells): void {
    this.#duplicates?.add(part, cells);
    for (let row = 0; row < cells.rows; row++) {
      const path = cells.text('path', row);
      if (!this.#accepts(path)) continue;
      if (part === 'files') this.#addFile(path, cells, row);
      else this.#addDefinition(path, cells, row);
    }
  }

  finish(): ImprovementsResult {
    for (const [path, definitions] of this.#definitions) this.#judgeComments(path, definitions);
    for (const group of this.#duplicates?.finish().groups ?? []) this.#found.push(duplicateOf(group));
    const counts = Object.fromEntries(improvementKinds.map((kind) => [kind, 0])) as Record<ImprovementKind, number>;
    for (const { improvement } of this.#found) counts[improvement.kind]++;
    const rank = ({ improvement, weight }: Weighted) => priorities.indexOf(improvement.priority) * 1e6 - weight;
    const improvements = this.#found
      .sort((x, y) => rank(x) - rank(y) || comparePlaces(x.improvement, y.improvement))
      .slice(0, maxImprovements)
      .map(({ improvement }) => improvement);
    const { functions, exported, documented } = {
      functions: this.#functions,
      exported: this.#exported,
      documented: this.#documented,
    };
    return { files: this.#files, functions, exported, documented, counts, improvements };
  }

  #addFile(path: string, cells: Cells, row: number): void {
    this.#files++;
    const language = cells.text('language', row);
    const lines = cells.int('lines', row);
    const { bytes, from, to } = cells.bytes('text', row);
    for (const todo of findTodos(bytes, from, to, language)) this.#found.push(todoAt(path, todo));
    if (lines > this.#job.maxFileLines && languageKind(language) === 'code')
      this.#found.push(longFile(path, lines, this.#job.maxFileLines));
  }

  #addDefinition(path: string, cells: Cells, row: number): void {
    const kind = cells.text('kind', row);
    const [startLine, endLine] = [cells.int('line', row), cells.int('end_line', row)];
    const name = qualified(cells.text('parent', row), cells.text('name', row));
    if (callable.has(kind)) {
      this.#functions++;
      const { maxComplexity, maxFunctionLines } = this.#job;
      const complexity = cells.int('complexity', row);
      const lines = endLine - startLine + 1;
      const place = { path, line: startLine, endLine, symbol: name };
      if (complexity > maxComplexity) this.#found.push(complexFunction(place, complexity, lines));
      else if (lines > maxFunctionLines) this.#found.push(longFunction(place, lines));
    }
    if (!isTestPath(path)) this.#addDocumentable(path, cells, row);
  }

  #addDocumentable(path: string, cells: Cells, row: number): void {
    const exported = cells.int('exported', row);
    const definition: Definition = {
      codebase: '',
      path,
      language: cells.text('language', row),
      name: cells.text('name', row),
      kind: cells.text('kind', row) as SymbolKind,
      parent: cells.text('parent', row),
      ordinal: cells.int('ordinal', row),
      startLine: cells.int('line', row),
      endLine: cells.int('end_line', row),
      nameLine: cells.int('line', row),
      exported: exported < 0 ? undefined : exported === 1,
      doc: '',
      docLine: cells.int('doc_line', row),
      signature: '',
      complexity: 0,
    };
    const known = this.#definitions.get(path);
    if (known === undefined) this.#definitions.set(path, [definition]);
    else known.push(definition);
  }

  /** Judges one file's definitions by the rules of list_undocumented_functions. */
  #judgeComments(path: string, definitions: Definition[]): void {
    // The rules take the definitions of a file by their place among those that were read.
    const inOrder = definitions.sort((x, y) => x.ordinal - y.ordinal).map((one, ordinal) => ({ ...one, ordinal }));
    const { considered, missing } = undocumentedIn(inOrder, true);
    this.#exported += considered;
    this.#documented += considered - missing.length;
    if (missing.length > 0) this.#found.push(undocumented(path, missing));
  }
}

function qualified(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

function comparePlaces(x: Improvement, y: Improvement): number {
  return x.path < y.path ? -1 : x.path > y.path ? 1 : x.line - y.line;
}

/** Tests matter less than what they test. */
function lowered(path: string, priority: Priority): Priority {
  if (!isTestPath(path)) return priority;
  return priority === 'high' ? 'medium' : 'low';
}

const byThreshold = (value: number, high: number, medium: number): Priority =>
  value >= high ? 'high' : value >= medium ? 'medium' : 'low';

function todoAt(path: string, { mark, line, text }: Todo): Weighted {
  const priority = mark === 'FIXME' || mark === 'BUG' ? 'medium' : 'low';
  const weight = { FIXME: 30, BUG: 30, HACK: 20, XXX: 15, TODO: 10 }[mark];
  return { improvement: { kind: 'todo', priority: lowered(path, priority), path, line, message: text }, weight };
}

function longFile(path: string, lines: number, limit: number): Weighted {
  const priority = lowered(path, byThreshold(lines, limit * 6, limit * 2));
  const message = `${lines} lines, more than ${limit}: split it by responsibility.`;
  return { improvement: { kind: 'long_file', priority, path, line: 1, endLine: lines, message }, weight: lines / 10 };
}

type Place = { path: string; line: number; endLine: number; symbol: string };

/** McCabe's own bound is 10; above 50 a function counts as untestable (NIST SP 500-235). */
function complexFunction(place: Place, complexity: number, lines: number): Weighted {
  const priority = lowered(place.path, byThreshold(complexity, 50, 20));
  const message = `Cyclomatic complexity ${complexity} over ${lines} lines: extract decisions into functions of their own.`;
  return {
    improvement: { kind: 'complex_function', priority, ...place, message },
    weight: complexity * 5 + lines / 10,
  };
}

function longFunction(place: Place, lines: number): Weighted {
  const priority = lowered(place.path, byThreshold(lines, 500, 200));
  const message = `${lines} lines in one function: divide it into steps with names.`;
  return { improvement: { kind: 'long_function', priority, ...place, message }, weight: lines / 5 };
}

function undocumented(path: string, missing: readonly Definition[]): Weighted {
  const names = missing.slice(0, maxNamed).map(({ parent, name }) => qualified(parent, name));
  const total = missing.length;
  const more = total > names.length ? ` and ${total - names.length} more` : '';
  const message = `${total} without a doc comment that other files can use: ${names.join(', ')}${more}.`;
  const priority = byThreshold(total, Number.POSITIVE_INFINITY, 20);
  return {
    improvement: { kind: 'undocumented', priority, path, line: missing[0]?.startLine ?? 1, message },
    weight: total,
  };
}

function duplicateOf({ lines, similarity, occurrences }: DuplicateGroup): Weighted {
  const [first, second] = occurrences;
  const { path = '', startLine = 1, endLine = 1 } = first ?? {};
  const others = occurrences.length > 2 ? ` and ${occurrences.length - 2} more places` : '';
  const message = `${lines} lines, ${Math.round(similarity * 100)} % alike, again at ${second?.path}:${second?.startLine}-${second?.endLine}${others}: keep one.`;
  const priority = lowered(path, byThreshold(lines * (occurrences.length - 1), 200, 50));
  return {
    improvement: { kind: 'duplicate_code', priority, path, line: startLine, endLine, message },
    weight: lines * (occurrences.length - 1),
  };
}

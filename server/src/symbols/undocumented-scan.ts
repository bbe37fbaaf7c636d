/** Decides how a whole codebase is judged for doc comments in memory that does not grow with it. */

import type { Turns } from '../turns.ts';
import { comparePlaces } from './definition-order.ts';
import type { Definition } from './facts.ts';
import { inScope } from './file-scope.ts';
import type { UndocumentedAnswer, UndocumentedRequest } from './port.ts';
import type { StoredFile, SymbolStore } from './store.ts';
import { isDocumentedElsewhere, undocumentedIn } from './undocumented.ts';

/** Judged definitions that wait until they are sorted in, or compared with headers. */
const gathered = 5000;

/** Judges one file. */
export async function undocumentedInFile(
  store: SymbolStore,
  { path, language }: { path: string } & StoredFile,
  { exportedOnly, limit, offset }: UndocumentedRequest,
): Promise<UndocumentedAnswer> {
  const [definitions, problem] = await Promise.all([store.definitionsIn([path]), store.syntaxProblem(path)]);
  const { considered, missing } = undocumentedIn(definitions, exportedOnly);
  const wanted = await withoutHeaders(store, missing);
  const files = definitions.length > 0 ? 1 : 0;
  return {
    definitions: wanted.slice(offset, offset + limit),
    total: wanted.length,
    considered,
    files,
    problem,
    language,
  };
}

/** Judges all files in the scope. Of what is found, no more is kept than the page and those before it. */
export async function undocumentedInAll(
  stores: readonly SymbolStore[],
  request: UndocumentedRequest,
  turns: Turns,
): Promise<UndocumentedAnswer> {
  const page = new FirstPlaces(request.offset + request.limit);
  let considered = 0;
  let files = 0;
  for (const store of stores) {
    let waiting: Definition[] = [];
    const flush = async (): Promise<void> => {
      for (const one of await withoutHeaders(store, waiting)) page.add(one);
      waiting = [];
    };
    for await (const definitions of definitionsByFile(store, request, turns)) {
      const judged = undocumentedIn(definitions, request.exportedOnly);
      considered += judged.considered;
      files++;
      for (const one of judged.missing) waiting.push(one);
      if (waiting.length >= gathered) await flush();
    }
    await flush();
  }
  const definitions = page.list().slice(request.offset);
  return { definitions, total: page.total, considered, files, problem: '', language: '' };
}

/** All definitions of one file at a time. They are written together, so they are read one after the other. */
async function* definitionsByFile(
  store: SymbolStore,
  request: UndocumentedRequest,
  turns: Turns,
): AsyncGenerator<Definition[]> {
  const accepts = inScope(request);
  let current: Definition[] = [];
  for await (const piece of store.allDefinitions()) {
    for (const one of piece) {
      if (current[0] !== undefined && current[0].path !== one.path) {
        yield inOrder(current);
        current = [];
      }
      if (turns.isOver()) await turns.rest();
      if (accepts(one)) current.push(one);
    }
  }
  if (current.length > 0) yield inOrder(current);
}

function inOrder(definitions: Definition[]): Definition[] {
  return definitions.sort((a, b) => a.ordinal - b.ordinal);
}

/** The first of many definitions by place, and how many there were. */
class FirstPlaces {
  readonly #most: number;
  #kept: Definition[] = [];
  total = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(one: Definition): void {
    this.total++;
    this.#kept.push(one);
    if (this.#kept.length >= this.#most + gathered) this.#kept = this.list();
  }

  list(): Definition[] {
    return this.#kept.sort(comparePlaces).slice(0, this.#most);
  }
}

/** Without the C functions whose declaration is documented. */
async function withoutHeaders(store: SymbolStore, missing: readonly Definition[]): Promise<Definition[]> {
  const names = missing.filter(({ language }) => language === 'c' || language === 'cpp').map(({ name }) => name);
  if (names.length === 0) return [...missing];
  const sameName = Map.groupBy(await store.definitionsNamed(names), ({ name }) => name);
  return missing.filter((one) => !isDocumentedElsewhere(one, sameName.get(one.name) ?? []));
}

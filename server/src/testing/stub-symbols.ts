/** Decides what the stub engine answers about symbols: the real answers, over files held in memory. */
import { CodeSageError } from '../errors.ts';
import type { SymbolIndex } from '../symbols/port.ts';
import type { SymbolStore } from '../symbols/store.ts';
import { createSymbolIndex } from '../symbols/symbol-index.ts';
import { findFilesIn, parsedSymbolStore } from './parsed-symbols.ts';

/** Symbols of codebases in memory: texts by path, by codebase. They are parsed when first asked for. */
export function createStubSymbols(codebases: Readonly<Record<string, Readonly<Record<string, string>>>>): SymbolIndex {
  const stores = new Map<string, Promise<SymbolStore>>();
  const storeOf = (name: string): Promise<SymbolStore> => {
    const files = codebases[name];
    if (files === undefined)
      throw new CodeSageError(
        'UnknownCodebase',
        `There is no codebase "${name}".`,
        `Write one of: ${Object.keys(codebases).join(', ')}.`,
      );
    const store = stores.get(name) ?? parsedSymbolStore(name, files);
    stores.set(name, store);
    return store;
  };
  return createSymbolIndex({
    read: async (names, _turns, work) =>
      work(await Promise.all((names.length > 0 ? names : Object.keys(codebases)).map(storeOf))),
    locate: (path, name) => {
      if (name !== undefined) return { codebase: name, relative: path };
      const [first = '', ...rest] = path.split('/');
      return first in codebases
        ? { codebase: first, relative: rest.join('/') }
        : { codebase: Object.keys(codebases)[0] ?? '', relative: path };
    },
    findFiles: findFilesIn(codebases),
  });
}

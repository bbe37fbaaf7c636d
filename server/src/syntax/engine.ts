/** Decides when the WASM parser lives and dies: grammars load on first use, a crash or too large a heap makes a new one. */

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction, constants } from 'node:vm';
import type { Language, Parser, Tree } from 'web-tree-sitter';
import { compileAlone, needsBaseline } from './baseline.ts';
import { type CompiledRules, compileRules } from './compile.ts';
import { Cursor, type WasmModule } from './cursor.ts';
import { type GrammarName, grammars } from './grammars.ts';

type WebTreeSitter = Pick<
  typeof import('web-tree-sitter', { with: { 'resolution-mode': 'import' }}),
  'Parser' | 'Language'
>;

const require = createRequire(import.meta.url);
const packageName = 'web-tree-sitter';

/**
 * Runs the library's code once more. It keeps its WASM module in a variable of its own, and a module that was imported
 * or required stays for the life of the thread; code run by hand goes when it is no longer used.
 */
function runLibrary(): WebTreeSitter {
  const path = require.resolve(packageName);
  librarySource ??= readFileSync(path, 'utf8');
  const run = compileFunction(librarySource, ['exports', 'require', 'module', '__filename', '__dirname'], {
    filename: path,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  run(module.exports, createRequire(path), module, path, dirname(path));
  return module.exports as WebTreeSitter;
}

let librarySource: string | undefined;

const warmUpTexts = [
  '{"a": [1, "b", null], "c": {"d": true}}',
  '{"a": [1, "b" "c": }} ] x',
  `${'[{"a":'.repeat(100)}1,{`,
];

const wasmOf = (name: GrammarName): Promise<Buffer> => readFile(require.resolve(grammars[name].file));

/** A grammar that is loaded, with the parser that uses it. */
export type Loaded = { language: Language; parser: Parser; rules: CompiledRules };

/**
 * One instance of the WASM parser, with memory of its own, which never shrinks: it is freed with the whole instance, when
 * nothing refers to it any more.
 */
export class Engine {
  readonly #module: WasmModule;
  readonly #library: WebTreeSitter;
  readonly #loaded = new Map<GrammarName, Promise<Loaded>>();
  readonly #parsers: Parser[] = [];
  #disposed = false;
  readonly cursor: Cursor;

  private constructor(library: WebTreeSitter, module: WasmModule) {
    this.#library = library;
    this.#module = module;
    this.cursor = new Cursor(module);
  }

  /** Makes an instance of its own; another one that is in use is not touched. */
  static create(): Promise<Engine> {
    return compileAlone(false, async () => {
      const library = runLibrary();
      const module: WasmModule = {};
      await library.Parser.init(module as Parameters<typeof Parser.init>[0]);
      const engine = new Engine(library, module);
      const json = await engine.#compile('json', await wasmOf('json'));
      engine.#loaded.set('json', Promise.resolve(json));
      engine.#warmUp(json);
      return engine;
    });
  }

  /** True once the instance was given up: its parsers must not be used any more. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** The grammar with its parser, loaded once. Rejects when the package with its WASM file is not installed. */
  load(name: GrammarName): Promise<Loaded> {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known;
    const loading = this.#loadNew(name);
    this.#loaded.set(name, loading);
    return loading;
  }

  async #loadNew(name: GrammarName): Promise<Loaded> {
    try {
      const bytes = await wasmOf(name);
      return await compileAlone(needsBaseline(bytes), () => this.#compile(name, bytes));
    } catch (cause) {
      this.#loaded.delete(name);
      throw cause;
    }
  }

  async #compile(name: GrammarName, bytes: Uint8Array): Promise<Loaded> {
    const language = await this.#library.Language.load(bytes);
    const parser = new this.#library.Parser();
    this.#parsers.push(parser);
    parser.setLanguage(language);
    // The first call compiles the lexer, see baseline.ts.
    parser.parse('a')?.delete();
    return { language, parser, rules: compileRules(grammars[name].rules, language) };
  }

  /** Calls the parser's own functions once, so that none of them is compiled while optimising is off. */
  #warmUp({ parser }: Loaded): void {
    for (const text of warmUpTexts) {
      const tree = parser.parse(text);
      if (tree === null) continue;
      this.cursor.open(tree);
      do this.cursor.fieldId();
      while (this.cursor.firstChild() || this.cursor.nextSibling());
      this.cursor.parent();
      this.cursor.close();
      tree.delete();
    }
  }

  /** Bytes of WASM memory that this instance holds. */
  heapBytes(): number {
    return this.#module.HEAPU8?.byteLength ?? 0;
  }

  /** Gives the parsers up. What throws here is a heap already broken: it goes with the instance. */
  dispose(): void {
    this.#disposed = true;
    for (const parser of this.#parsers) quietly(() => parser.delete());
    this.#parsers.length = 0;
    this.#loaded.clear();
  }
}

/**
 * Parses up to a deadline (milliseconds of `now`). The parser asks between steps, so a scanner that never returns is
 * not stopped by it: that needs the thread's end. Undefined when time is up.
 */
export function parseUntil(parser: Parser, text: string, deadline: number, now: () => number): Tree | undefined {
  let calls = 0;
  const late = (): boolean => (++calls & 0x3f) === 0 && now() > deadline;
  // Handing out the rest of the text each time is what the library does itself; it copies 5,119 units of it.
  const tree = parser.parse((index: number) => text.slice(index, index + readUnits), null, { progressCallback: late });
  if (tree === null) parser.reset();
  return tree ?? undefined;
}

const readUnits = 5_119;

/** Runs a clean-up whose failure changes nothing. */
export function quietly(cleanUp: () => void): void {
  try {
    cleanUp();
  } catch {
    // Only a broken WASM heap throws here, and it is about to be dropped.
  }
}

/** Decides when the WASM parser lives and dies: grammars load on first use, a crash or too large a heap makes a new one. */
import { createRequire } from 'node:module';
import type { Language, Parser, Tree } from 'web-tree-sitter';
import { type CompiledRules, compileRules } from './compile.ts';
import { Cursor, type WasmModule } from './cursor.ts';
import { type GrammarName, grammars } from './grammars.ts';

type WebTreeSitter = Pick<
  typeof import('web-tree-sitter', { with: { 'resolution-mode': 'import' }}),
  'Parser' | 'Language'
>;

const require = createRequire(import.meta.url);
const packageName = 'web-tree-sitter';

/** A grammar that is loaded, with the parser that uses it. */
export type Loaded = { language: Language; parser: Parser; rules: CompiledRules };

/**
 * One instance of the WASM parser. Its memory never shrinks and cannot be freed while its module is loaded, so the
 * CommonJS build is used: its module can be dropped from the cache, and the instance goes with it.
 */
export class Engine {
  readonly #module: WasmModule;
  readonly #library: WebTreeSitter;
  readonly #loaded = new Map<GrammarName, Loaded>();
  readonly cursor: Cursor;

  private constructor(library: WebTreeSitter, module: WasmModule) {
    this.#library = library;
    this.#module = module;
    this.cursor = new Cursor(module);
  }

  /** Makes an instance of its own; another one that is in use is not touched. */
  static async create(): Promise<Engine> {
    const path = require.resolve(packageName);
    delete require.cache[path];
    const library = require(packageName) as WebTreeSitter;
    delete require.cache[path];
    const module: WasmModule = {};
    await library.Parser.init(module as Parameters<typeof Parser.init>[0]);
    return new Engine(library, module);
  }

  /** The grammar with its parser, loaded once. Throws when the package with its WASM file is not installed. */
  async load(name: GrammarName): Promise<Loaded> {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known;
    const grammar = grammars[name];
    const language = await this.#library.Language.load(require.resolve(grammar.file));
    const parser = new this.#library.Parser();
    parser.setLanguage(language);
    const loaded = { language, parser, rules: compileRules(grammar.rules, language) };
    this.#loaded.set(name, loaded);
    return loaded;
  }

  /** Bytes of WASM memory that this instance holds. */
  heapBytes(): number {
    return this.#module.HEAPU8?.byteLength ?? 0;
  }

  /** Gives the parsers up. What throws here is a heap already broken: it goes with the instance. */
  dispose(): void {
    for (const { parser } of this.#loaded.values()) quietly(() => parser.delete());
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

/** Decides what becomes of one file: which reader, within which limits, and what remains of it when the reader fails. */

import type { CompiledRules } from './compile.ts';
import type { Cursor } from './cursor.ts';
import { Engine, type Loaded, parseUntil, quietly } from './engine.ts';
import type { GrammarName } from './grammars.ts';
import { readerOf, type ScannerName } from './language.ts';
import { scanDockerfile } from './scan/dockerfile.ts';
import { scanMarkdown } from './scan/markdown.ts';
import { scanProtobuf } from './scan/protobuf.ts';
import { scanSql } from './scan/sql.ts';
import { emptySyntax, type Syntax, type SyntaxProblem } from './types.ts';
import { Walk, type WalkLimits } from './walk.ts';

export type SyntaxLimits = {
  /** Longest text, in UTF-16 units. */
  maxLength: number;
  /** Longest time for one file, in milliseconds of `now`: the thread's processor time, so that a busy machine costs no file its symbols. */
  timeLimit: number;
  maxNodes: number;
  /** Deepest nesting that is looked into. */
  maxDepth: number;
  /** WASM memory above which the parser is made anew, in bytes. */
  maxHeapBytes: number;
  now: () => number;
};

const mebibyte = 1024 * 1024;

function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

export const defaultSyntaxLimits: SyntaxLimits = {
  maxLength: 2 * mebibyte,
  timeLimit: 3_000,
  maxNodes: 3_000_000,
  maxDepth: 400,
  maxHeapBytes: 48 * mebibyte,
  now: processorTime,
};

/** A file's tree while it is looked at: the cursor stands on its root. */
export type OpenTree = { grammar: GrammarName; text: string; rules: CompiledRules; cursor: Cursor; limits: WalkLimits };

/** What looking at a tree gave, or why there was none to look at. */
export type Visited<T> = { language: string } & ({ found: T } | { problem: SyntaxProblem });

const scanners: Readonly<Record<ScannerName, (text: string) => Omit<Syntax, 'language'>>> = {
  dockerfile: scanDockerfile,
  markdown: scanMarkdown,
  protobuf: scanProtobuf,
  sql: scanSql,
};

/** Reads files one after the other. Owns WASM memory: `dispose` gives it back. Keep one a thread. */
export class SyntaxParser {
  readonly #limits: SyntaxLimits;
  #engine: Promise<Engine> | undefined;
  #restarts = 0;

  constructor(limits: Partial<SyntaxLimits> = {}) {
    this.#limits = { ...defaultSyntaxLimits, ...limits };
  }

  /** How often the parser was made anew, after a crash or for its size. */
  get restarts(): number {
    return this.#restarts;
  }

  /**
   * What a file defines, uses and takes in. Never throws for what a file holds: `problem` says what was in the way.
   * A byte order mark is ignored; other bytes than UTF-8 must have been replaced. The same text gives the same answer,
   * unless time runs out.
   */
  async parse(path: string, text: string): Promise<Syntax> {
    const reader = readerOf(path, text);
    if ('none' in reader) return emptySyntax(reader.language, 'NoGrammar');
    if (text.length > this.#limits.maxLength) return emptySyntax(reader.language, 'TooLarge');
    const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    if ('scanner' in reader) return { language: reader.language, ...scanners[reader.scanner](plain) };
    const read = await this.#read(reader.grammar, plain, ({ rules, cursor, limits }) => {
      const walk = new Walk(plain, rules, cursor);
      const problem = walk.run(limits);
      return problem === undefined ? walk.found() : emptySyntax(reader.language, problem);
    });
    const { language } = reader;
    return 'problem' in read ? emptySyntax(language, read.problem) : { language, ...read.found };
  }

  /**
   * Lets `look` walk a file's tree, once and without waiting for anything; it keeps to the limits itself. Never rejects for
   * what the file holds.
   */
  async visit<T>(path: string, text: string, look: (tree: OpenTree) => T): Promise<Visited<T>> {
    const reader = readerOf(path, text);
    const { language } = reader;
    if (!('grammar' in reader)) return { language, problem: 'NoGrammar' };
    if (text.length > this.#limits.maxLength) return { language, problem: 'TooLarge' };
    const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    return { language, ...(await this.#read(reader.grammar, plain, look)) };
  }

  /** Gives the WASM memory back. The next file makes a new parser. */
  async dispose(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    (await engine)?.dispose();
  }

  async #read<T>(
    name: GrammarName,
    text: string,
    look: (tree: OpenTree) => T,
  ): Promise<{ found: T } | { problem: SyntaxProblem }> {
    let engine = await this.#current();
    let loaded = await engine.load(name);
    // Another file may have broken the instance meanwhile.
    while (engine.disposed) {
      engine = await this.#current();
      loaded = await engine.load(name);
    }
    // From here on nothing waits, so no other file comes between.
    try {
      return this.#look(engine, loaded, name, text, look);
    } catch {
      this.#restart(engine);
      return { problem: 'Crashed' };
    } finally {
      if (engine.heapBytes() > this.#limits.maxHeapBytes) this.#restart(engine);
    }
  }

  async #current(): Promise<Engine> {
    const creating = this.#engine ?? Engine.create();
    this.#engine = creating;
    try {
      return await creating;
    } catch (cause) {
      if (this.#engine === creating) this.#engine = undefined;
      throw cause;
    }
  }

  #look<T>(
    engine: Engine,
    loaded: Loaded,
    grammar: GrammarName,
    text: string,
    look: (tree: OpenTree) => T,
  ): { found: T } | { problem: SyntaxProblem } {
    const { now, timeLimit, maxNodes, maxDepth } = this.#limits;
    const deadline = now() + timeLimit;
    const tree = parseUntil(loaded.parser, text, deadline, now);
    if (tree === undefined) return { problem: 'TimedOut' };
    const { cursor } = engine;
    try {
      cursor.open(tree);
      const limits = { maxNodes, maxDepth, deadline, now };
      const found = look({ grammar, text, rules: loaded.rules, cursor, limits });
      cursor.close();
      return { found };
    } finally {
      quietly(() => tree.delete());
    }
  }

  #restart(engine: Engine): void {
    this.#restarts++;
    this.#engine = undefined;
    engine.dispose();
  }
}

let shared: SyntaxParser | undefined;

/** As `SyntaxParser.parse`, with one parser a thread and the default limits. */
export function parseFile(path: string, text: string): Promise<Syntax> {
  shared ??= new SyntaxParser();
  return shared.parse(path, text);
}

/** Decides which codebases there are while the engine runs: those that are configured now. */
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { SourceConfig } from '../contract.ts';
import { messageOf } from '../errors.ts';
import type { CodebaseDirectory } from './codebases.ts';
import type { ServedCodebase } from './served.ts';

/** A codebase that is opened, kept up to date and closed. */
export type Member = ServedCodebase & {
  open(): Promise<void>;
  refuse(): void;
  stop(): Promise<void>;
};

export type FleetDeps<C extends Member> = {
  make: (source: SourceConfig) => C;
  /** Tells a codebase that its source is configured otherwise now. */
  change: (codebase: C, source: SourceConfig) => void;
  /** Begins to keep a codebase up to date; once more: looks at it now. */
  follow: (codebase: C) => void;
  /** Told after a codebase was taken away and closed. */
  removed: (name: string) => Promise<void>;
  log: Logger;
};

export class Fleet<C extends Member> {
  readonly #codebases: CodebaseDirectory<C>;
  readonly #deps: FleetDeps<C>;
  readonly #leaving = new Map<string, Promise<void>>();
  #state: 'new' | 'opening' | 'followed' | 'stopped' = 'new';

  constructor(codebases: CodebaseDirectory<C>, deps: FleetDeps<C>) {
    this.#codebases = codebases;
    this.#deps = deps;
  }

  async open(): Promise<void> {
    this.#state = 'opening';
    await Promise.all(this.#codebases.all.map((codebase) => codebase.open()));
  }

  /** Begins to keep all of them up to date. */
  follow(): void {
    this.#state = 'followed';
    for (const codebase of this.#codebases.all) this.#deps.follow(codebase);
  }

  /**
   * Takes over the configured sources. New codebases are open before anybody is told of them, and those that are gone go
   * on answering what was asked before.
   */
  async change(sources: readonly SourceConfig[]): Promise<void> {
    const { make, change, follow, log } = this.#deps;
    const before = new Map(this.#codebases.all.map((codebase) => [codebase.name, codebase]));
    const added: C[] = [];
    const changed: C[] = [];
    const next: C[] = [];
    for (const source of sources) {
      await this.#leaving.get(source.name);
      const known = before.get(source.name);
      const codebase = known ?? make(source);
      next.push(codebase);
      if (known === undefined) added.push(codebase);
      else if (!isDeepStrictEqual(known.config, source)) changed.push(known);
      if (known !== undefined) change(known, source);
    }
    if (this.#state === 'stopped') return;
    if (this.#state !== 'new') await Promise.all(added.map((codebase) => codebase.open()));
    this.#codebases.replace(next);
    if (this.#state === 'followed') for (const codebase of [...added, ...changed]) follow(codebase);
    const removed = [...before.values()].filter((codebase) => !next.includes(codebase));
    for (const codebase of removed) this.#remove(codebase);
    const names = (list: readonly C[]) => list.map(({ name }) => name);
    if (added.length + changed.length + removed.length > 0)
      log.info({ added: names(added), changed: names(changed), removed: names(removed) }, 'The codebases changed');
  }

  #remove(codebase: C): void {
    const { removed, log } = this.#deps;
    codebase.refuse();
    const gone = codebase
      .stop()
      .then(() => removed(codebase.name))
      .catch((error: unknown) => log.warn({ codebase: codebase.name, err: messageOf(error) }, 'Not closed cleanly'))
      .finally(() => this.#leaving.delete(codebase.name));
    this.#leaving.set(codebase.name, gone);
  }

  /** Has all of them looked at now. */
  lookNow(): void {
    if (this.#state === 'followed') for (const codebase of this.#codebases.all) this.#deps.follow(codebase);
  }

  /** Takes no more questions. */
  refuse(): void {
    this.#state = 'stopped';
    for (const codebase of this.#codebases.all) codebase.refuse();
  }

  async stop(): Promise<void> {
    this.refuse();
    await Promise.all(this.#codebases.all.map((codebase) => codebase.stop()));
    await Promise.all(this.#leaving.values());
  }
}

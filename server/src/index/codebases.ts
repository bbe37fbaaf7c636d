/** Decides which codebase a caller means, and whether it can be searched. */
import { isAbsolute, normalize, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Problem } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import { throwIfCancelled } from '../turns.ts';
import type { ServedCodebase } from './served.ts';
import type { Snapshot } from './snapshot.ts';

/** Longest that a question waits for an index that is just being opened: a large one takes seconds. */
const openingWaitMs = 10_000;

export class CodebaseDirectory<C extends ServedCodebase = ServedCodebase> {
  #all: readonly C[];
  #byName: ReadonlyMap<string, C>;
  readonly #openingWaitMs: number;

  constructor(all: readonly C[], waitMs = openingWaitMs) {
    this.#all = all;
    this.#openingWaitMs = waitMs;
    this.#byName = new Map(all.map((codebase) => [codebase.name, codebase]));
  }

  get all(): readonly C[] {
    return this.#all;
  }

  /** From now on these are all there are; questions under way go on with those that they began with. */
  replace(all: readonly C[]): void {
    this.#all = all;
    this.#byName = new Map(all.map((codebase) => [codebase.name, codebase]));
  }

  /** By configured name, or by the directory it is made from. @throws CodeSageError `UnknownCodebase`. */
  get(name: string): C {
    const wanted = normalize(name).replace(/(.)\/+$/, '$1');
    const found = this.#byName.get(name) ?? this.all.find(({ config }) => sameDirectory(config.path, wanted));
    if (found !== undefined) return found;
    const names = this.all.map((codebase) => codebase.name).join(', ');
    throw new CodeSageError(
      'UnknownCodebase',
      `There is no codebase "${name}".`,
      names === ''
        ? 'No codebase is configured: add a source.'
        : `Use one of: ${names}.${name.includes('.') ? ' A path begins with its codebase.' : ''}`,
    );
  }

  /** The codebases named, each once; all when none is named. @throws CodeSageError `UnknownCodebase`. */
  named(names: readonly string[]): readonly C[] {
    return names.length > 0 ? [...new Set(names.map((name) => this.get(name)))] : this.all;
  }

  /**
   * Waits while these codebases, or all, are being opened: that takes moments, and until then nobody knows what they
   * hold. Bounded: whoever asks then hears which ones are not open.
   * @throws CodeSageError `UnknownCodebase`, `Cancelled`.
   */
  async whenOpen(names: readonly string[], signal?: AbortSignal): Promise<void> {
    const opening = this.named(names).filter(({ phase }) => phase === 'opening');
    if (opening.length === 0) return;
    const ended = new AbortController();
    const stop = AbortSignal.any([ended.signal, ...(signal === undefined ? [] : [signal])]);
    const longest = delay(this.#openingWaitMs, undefined, { signal: stop, ref: false }).catch(() => undefined);
    try {
      await Promise.race([Promise.all(opening.map(({ opened }) => opened)), longest]);
    } finally {
      ended.abort();
    }
    throwIfCancelled(signal);
  }

  /** What can be searched of a codebase. @throws CodeSageError `NotIndexedYet`, `IndexCorrupted`, `IndexFormatUnsupported`. */
  published(codebase: ServedCodebase): Snapshot {
    const { failure, snapshot } = codebase.store;
    if (codebase.phase === 'closed')
      throw new CodeSageError('Cancelled', 'The server is stopping.', 'Ask again later.');
    if (codebase.phase === 'opening') {
      throw new CodeSageError(
        'NotIndexedYet',
        `The index of "${codebase.name}" is still being opened.`,
        'Ask again in some seconds; get_index_status tells when it serves.',
      );
    }
    if (failure !== undefined) throw failure;
    if (snapshot !== undefined) return snapshot;
    const { problem } = codebase.status();
    throw new CodeSageError(
      'NotIndexedYet',
      `"${codebase.name}" has no index yet${problem === undefined ? '' : `: ${problem.message}`}.`,
      'Wait until get_index_status shows it as Ready.',
    );
  }

  /** Which codebases an answer about all of them is without, and why; undefined where it has all. */
  absentNotice(names: readonly string[], present: ReadonlySet<ServedCodebase>): string | undefined {
    if (names.length > 0) return undefined;
    const absent = this.all.filter((codebase) => !present.has(codebase));
    if (absent.length === 0) return undefined;
    const shown = absent.slice(0, mostAbsentShown).map((codebase) => `${codebase.name} (${whyAbsent(codebase)})`);
    const more = absent.length > shown.length ? ` and ${absent.length - shown.length} more` : '';
    return `Not searched: ${shown.join(', ')}${more}. See get_index_status.`;
  }

  /** The codebase and relative path that `path` means, with or without a codebase's name given apart. */
  locate(path: string, name: string | undefined): { codebase: C; relative: string } {
    if (name !== undefined) {
      const codebase = this.get(name);
      const inRoot = isAbsolute(path) ? below(codebase.source.root, path) : undefined;
      return { codebase, relative: inRoot ?? path };
    }
    if (isAbsolute(path)) {
      for (const codebase of this.all) {
        const relative = below(codebase.source.root, path);
        if (relative !== undefined) return { codebase, relative };
      }
      throw new CodeSageError(
        'PathNotAllowed',
        `${path} is in no codebase.`,
        'Write codebase/path, as in search results.',
      );
    }
    const [first = '', ...rest] = path.split('/');
    const codebase = this.#byName.get(first);
    if (codebase !== undefined && rest.length > 0) return { codebase, relative: rest.join('/') };
    const only = this.all.length === 1 ? this.all[0] : undefined;
    return { codebase: only ?? this.get(first), relative: path };
  }

  /** The index's own problem, if one codebase has any. */
  indexProblem(): Problem | undefined {
    return this.all
      .map((codebase) => codebase.status().problem)
      .find((problem) => problem?.code === 'IndexCorrupted' || problem?.code === 'IndexFormatUnsupported');
  }
}

const mostAbsentShown = 20;

function whyAbsent({ phase, store }: ServedCodebase): string {
  if (phase === 'opening') return 'its index is still being opened';
  return store.failure === undefined ? 'it has no index yet' : `its index failed: ${store.failure.code}`;
}

function sameDirectory(path: string | undefined, wanted: string): boolean {
  return path !== undefined && normalize(path).replace(/(.)\/+$/, '$1') === wanted;
}

function below(root: string, path: string): string | undefined {
  const clean = normalize(path);
  const base = root.endsWith(sep) ? root : root + sep;
  return clean.startsWith(base) ? clean.slice(base.length) : undefined;
}

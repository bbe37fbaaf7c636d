/**
 * Decides when the published texts of one codebase are written out for exact search, and when they are deleted. A new
 * version costs its changed files only; whatever somebody deletes is made again. Nothing here is ever the only copy.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { CodeSageError } from '../errors.ts';
import { type PackedText, PackWriter, type TextPack } from './text-pack.ts';

/** A published version, as exact search reads it. */
export type TextSource = {
  /** Equal versions mean equal texts. */
  readonly version: string;
  /** Content hash of each indexed file, by path. */
  hashes(): Promise<ReadonlyMap<string, string>>;
  /** Texts of these files, or of all, some at a time. */
  texts(paths: readonly string[] | undefined): AsyncIterable<readonly PublishedText[]>;
};
/** `content` is UTF-8 without byte order mark. */
export type PublishedText = { path: string; hash: string; content: Buffer };

/** All texts of one version. Packs may hold texts of older versions too: `isCurrent` tells them apart. */
export class TextSet {
  readonly version: string;
  readonly packs: readonly TextPack[];
  readonly #current: ReadonlyMap<string, PackedText>;
  users = 0;

  constructor(version: string, packs: readonly TextPack[], current: ReadonlyMap<string, PackedText>) {
    this.version = version;
    this.packs = packs;
    this.#current = current;
  }

  isCurrent(text: PackedText): boolean {
    return this.#current.get(text.path) === text;
  }

  get(path: string): PackedText | undefined {
    return this.#current.get(path);
  }

  all(): IterableIterator<PackedText> {
    return this.#current.values();
  }
}

/** Packs of outdated texts are worth writing anew from here on: a third of what is searched would be in vain. */
const mostOutdatedShare = 0.5;
const mostPacksPerMegabyte = 1;
const packsBeforeRewrite = 64;
/** With more changed files than this, reading the whole table is faster than asking for each. */
const mostChangedPaths = 2000;

/** Whether what is kept of older versions is so much that all is written anew. Pure. */
export function isWorthRewriting(kept: { bytes: number; packs: number }, currentBytes: number): boolean {
  if (kept.bytes - currentBytes > currentBytes * mostOutdatedShare + 4 * 1024 * 1024) return true;
  return kept.packs > packsBeforeRewrite + (currentBytes / 1024 / 1024) * mostPacksPerMegabyte;
}

export class PublishedTexts {
  readonly #directory: string;
  readonly #codebase: string;
  readonly #log: Logger;
  readonly #onDelete: (pack: TextPack) => void;
  #current: TextSet | undefined;
  #building: { version: string; done: Promise<TextSet> } | undefined;
  readonly #retired = new Set<TextSet>();
  readonly #onDisk = new Set<TextPack>();
  #names = 0;
  #isClosed = false;

  /**
   * @param directory of the packs of all codebases; private to this process
   * @param onDelete told of each pack that is deleted
   */
  constructor(codebase: string, directory: string, log: Logger, onDelete: (pack: TextPack) => void = () => undefined) {
    this.#codebase = codebase;
    this.#directory = directory;
    this.#log = log;
    this.#onDelete = onDelete;
  }

  /** Runs `work` over the version's texts, which are surely not deleted by us meanwhile. */
  async use<T>(source: TextSource, work: (texts: TextSet) => Promise<T>): Promise<T> {
    const set = await this.#get(source);
    set.users++;
    try {
      return await work(set);
    } finally {
      set.users--;
      await this.#sweep();
    }
  }

  /** Runs `work` over the version's texts if they are there already; waits for nothing. */
  async useIfReady<T>(version: string, work: (texts: TextSet) => Promise<T>): Promise<T | undefined> {
    const set = this.#current;
    if (set?.version !== version) return undefined;
    set.users++;
    try {
      return await work(set);
    } finally {
      set.users--;
      if (this.#retired.size > 0) await this.#sweep();
    }
  }

  /** Writes the version out, unless it is there already, so that the first search need not wait. */
  async prepare(source: TextSource): Promise<void> {
    await this.#get(source);
    await this.#sweep();
  }

  /** What is on disk turned out not to be what was written: the next search makes it anew. */
  forget(set: TextSet): void {
    if (this.#current !== set) return;
    this.#log.info({ codebase: this.#codebase }, 'The texts for exact search are gone and are written again');
    this.#retire();
  }

  /** Stops what is being written and deletes all. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#building?.done.catch(() => undefined);
    this.#retire();
    await this.#sweep();
  }

  #retire(): void {
    if (this.#current !== undefined) this.#retired.add(this.#current);
    this.#current = undefined;
  }

  async #get(source: TextSource): Promise<TextSet> {
    // One at a time: what the next build starts from is what this one leaves.
    while (this.#current?.version !== source.version) {
      const building = this.#building;
      if (building === undefined) return this.#start(source);
      if (building.version === source.version) return building.done;
      await building.done.catch(() => undefined);
    }
    return this.#current;
  }

  #start(source: TextSource): Promise<TextSet> {
    const done = this.#build(source).finally(() => {
      this.#building = undefined;
    });
    this.#building = { version: source.version, done };
    return done;
  }

  async #build(source: TextSource): Promise<TextSet> {
    const startedAt = performance.now();
    const hashes = await source.hashes();
    const before = this.#current;
    const kept = new Map<string, PackedText>();
    const missing: string[] = [];
    for (const [path, hash] of hashes) {
      const text = before?.get(path);
      if (text?.hash === hash) kept.set(path, text);
      else missing.push(path);
    }
    const packs = keptPacks(kept);
    const size = (texts: Iterable<{ bytes: number }>) => [...texts].reduce((sum, { bytes }) => sum + bytes, 0);
    const anew = isWorthRewriting({ bytes: size(packs), packs: packs.size }, size(kept.values()));
    const set = anew
      ? await this.#write(source, undefined, new Map(), new Set())
      : await this.#write(source, missing, kept, packs);
    this.#retire();
    this.#current = set;
    const ms = Math.round(performance.now() - startedAt);
    this.#log.debug({ codebase: this.#codebase, version: source.version, ms }, 'Texts for exact search are written');
    return set;
  }

  async #write(
    source: TextSource,
    missing: readonly string[] | undefined,
    kept: ReadonlyMap<string, PackedText>,
    packs: ReadonlySet<TextPack>,
  ): Promise<TextSet> {
    const writer = new PackWriter(this.#directory, () => `${this.#codebase}/${++this.#names}`);
    const wanted = missing === undefined ? undefined : new Set(missing);
    try {
      if (wanted === undefined || wanted.size > 0) {
        const asked = missing !== undefined && missing.length <= mostChangedPaths ? missing : undefined;
        for await (const rows of source.texts(asked)) {
          if (this.#isClosed) throw new CodeSageError('Cancelled', 'The server is stopping.', 'Ask again later.');
          for (const { path, hash, content } of rows)
            if (wanted?.has(path) !== false) await writer.add(path, hash, content);
        }
        await writer.flush();
      }
    } finally {
      for (const pack of writer.packs) this.#onDisk.add(pack);
    }
    const current = new Map(kept);
    for (const pack of writer.packs) for (const text of pack.texts) current.set(text.path, text);
    return new TextSet(source.version, [...packs, ...writer.packs], current);
  }

  /** Deletes the packs that neither the current version nor a search under way needs. */
  async #sweep(): Promise<void> {
    for (const set of this.#retired) if (set.users === 0) this.#retired.delete(set);
    if (this.#building !== undefined) return;
    const needed = new Set([this.#current, ...this.#retired].flatMap((set) => set?.packs ?? []));
    for (const pack of this.#onDisk) {
      if (needed.has(pack)) continue;
      this.#onDisk.delete(pack);
      this.#onDelete(pack);
      await rm(join(this.#directory, pack.name), { force: true });
    }
  }
}

function keptPacks(kept: ReadonlyMap<string, PackedText>): Set<TextPack> {
  const packs = new Set<TextPack>();
  for (const { pack } of kept.values()) packs.add(pack);
  return packs;
}

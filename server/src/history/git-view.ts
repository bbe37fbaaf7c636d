/**
 * Decides how a repository's objects are read: through an empty repository of our own that borrows them. So nothing that the
 * repository itself says counts: no settings, attributes, hooks, replacements or remotes.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { CodeSageError } from '../errors.ts';
import { type LocalGit, openLocalGit } from '../sources/git-command.ts';
import type { GitEnd, GitProcess } from '../sources/git-process.ts';
import type { Repository } from './locate-repository.ts';

export type ReadOptions = {
  /** What the command is for, in errors. */
  what: string;
  seconds?: number;
  input?: string;
  /** Bytes after which the output is cut. */
  maxBytes?: number;
  /** True: too much memory is no error, and ends the output as too much time does. */
  mayRunOut?: boolean;
};
/** `isCut`: the output is longer than `maxBytes`, or its time was over; what is there is its beginning. */
export type GitOutput = { bytes: Buffer; isCut: boolean } & GitEnd;

/** Memory that one git may take besides the packs that it maps: patterns and large files could take any amount. */
const maxMemoryBytes = 512 << 20;
const defaultSeconds = 20;
const defaultBytes = 8 << 20;
const copiedShallow = 4 << 20;

export class GitView {
  readonly #git: LocalGit;
  readonly #repository: Repository;
  readonly #signal: AbortSignal | undefined;
  readonly #directory: string;
  /** Commits whose parents are not here. Filled by `borrow`. */
  shallow: ReadonlySet<string> = new Set();
  emptyBlob = '';
  emptyTree = '';

  constructor(repository: Repository, signal: AbortSignal | undefined) {
    this.#repository = repository;
    this.#signal = signal;
    this.#git = openLocalGit();
    this.#directory = join(this.#git.home, 'view');
  }

  get repository(): Repository {
    return this.#repository;
  }

  /**
   * Makes the repository that borrows. `head` tells which kind of ids there are. To be called once refs are read: a fetch
   * writes what is shallow before it moves a ref.
   * @param bigFileBytes larger files count as binary
   */
  async borrow(head: string, bigFileBytes: number): Promise<void> {
    const algorithm = head.length === 64 ? 'sha256' : 'sha1';
    const id = (content: string) => createHash(algorithm).update(content).digest('hex');
    const empty = 'blob 0\0';
    this.emptyBlob = id(empty);
    this.emptyTree = id('tree 0\0');
    const at = (...parts: string[]) => join(this.#directory, ...parts);
    const fan = this.emptyBlob.slice(0, 2);
    for (const part of ['refs', 'objects/info', 'objects/pack', `objects/${fan}`])
      await mkdir(at(part), { recursive: true });
    const shallow = await readFile(this.#repository.shallowFile, 'utf8').catch(() => '');
    this.shallow = new Set(shallow.slice(0, copiedShallow).match(/^[0-9a-f]{40,64}$/gm) ?? []);
    await Promise.all([
      writeFile(at('HEAD'), 'ref: refs/heads/none\n'),
      writeFile(at('config'), settings(algorithm, bigFileBytes)),
      writeFile(at('objects/info/alternates'), `${quoted(this.#repository.objects)}\n`),
      // git knows the empty tree by heart, but not the empty file.
      writeFile(at('objects', fan, this.emptyBlob.slice(2)), deflateSync(empty)),
      ...(this.shallow.size > 0 ? [writeFile(at('shallow'), `${[...this.shallow].join('\n')}\n`)] : []),
    ]);
  }

  /** Starts a command over the borrowed objects. */
  start(args: readonly string[], { seconds = defaultSeconds, input }: ReadOptions): GitProcess {
    return this.#start(this.#directory, args, seconds, input);
  }

  /** Reads what a command over the borrowed objects prints. @throws CodeSageError when the caller went away or it takes too much memory. */
  read(args: readonly string[], options: ReadOptions): Promise<GitOutput> {
    return this.#collect(this.start(args, options), options);
  }

  /** Reads what a command over the repository itself prints: for HEAD and refs only. */
  readRefs(args: readonly string[], options: ReadOptions): Promise<GitOutput> {
    return this.#collect(this.#start(this.#repository.gitDirectory, args, options.seconds ?? defaultSeconds), options);
  }

  #start(directory: string, args: readonly string[], seconds: number, input?: string): GitProcess {
    return this.#git.start(directory, args, { timeoutSeconds: seconds, signal: this.#signal, input, maxMemoryBytes });
  }

  async #collect(git: GitProcess, { what, maxBytes = defaultBytes, mayRunOut }: ReadOptions): Promise<GitOutput> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of git.stdout as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) git.stop();
      if (size > maxBytes) break;
    }
    const end = await git.ended;
    this.#signal?.throwIfAborted();
    if (end.stoppedBy === 'memory' && mayRunOut !== true) throw tooLarge(what);
    return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), isCut: end.stoppedBy !== undefined, ...end };
  }

  close(): void {
    this.#git.close();
  }
}

function tooLarge(what: string): CodeSageError {
  return new CodeSageError(
    'InvalidArgument',
    `${what} takes too much memory.`,
    'Ask for less: a simpler pattern, a narrower path, fewer files.',
  );
}

function settings(algorithm: 'sha1' | 'sha256', bigFileBytes: number): string {
  const format = algorithm === 'sha256' ? '1\n[extensions]\n\tobjectFormat = sha256' : '0';
  return [
    `[core]\n\trepositoryFormatVersion = ${format}`,
    `[core]\n\tbare = true\n\tattributesFile = /dev/null\n\tbigFileThreshold = ${bigFileBytes}`,
    '[diff]\n\tsuppressBlankEmpty = false\n',
  ].join('\n');
}

/** As C writes a string: a line end would start another entry, a quote would end this one. */
function quoted(path: string): string {
  if (!/[\n"\\]|^#/.test(path)) return path;
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** A failure of git in the middle of a question. */
export function gitFailed(what: string): CodeSageError {
  return new CodeSageError(
    'GitFailed',
    `${what} failed: the repository lacks some of its objects.`,
    'Ask again: a sync may have replaced the history. A clone made with --filter lacks files for good; let the source be a whole one.',
  );
}

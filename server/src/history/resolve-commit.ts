/** Decides which commit a caller's text means, and that it belongs to the codebase: only what its refs reach is ever shown. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { SourceConfig } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import type { GitView } from './git-view.ts';
import { fullNames, isKnownRef, knownRefs, parseRef } from './ref-text.ts';

const commitId = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** Commits found to belong to a repository with these refs. */
const belonging = new LRUCache<string, true>({ max: 2000 });
const tipsBytes = 32 << 20;

/** Names of commits in one repository, as they are at this moment. */
export class Commits {
  readonly #view: GitView;
  readonly #codebase: string;
  readonly #git: SourceConfig['git'];
  #tips: Promise<string[]> | undefined;
  /** The commit that is checked out. */
  readonly head: string;

  constructor(view: GitView, { name, git }: Pick<SourceConfig, 'name' | 'git'>, head: string) {
    this.#view = view;
    this.#codebase = name;
    this.#git = git;
    this.head = head;
  }

  /**
   * The id of the commit that `text` means.
   * @throws CodeSageError `InvalidArgument` for text that is no name, `GitRefNotFound` for what is not the codebase's.
   */
  async resolve(text: string): Promise<string> {
    const parsed = parseRef(text);
    if (parsed === undefined) {
      throw new CodeSageError(
        'InvalidArgument',
        `${JSON.stringify(text.slice(0, 100))} is not a name for a commit.`,
        'Write HEAD, a branch, a tag or a commit id from list_commits; "~2" or "^" behind it goes back.',
      );
    }
    const { base, steps } = parsed;
    const start = base.kind === 'head' ? this.head : await this.#named(text, base);
    if (steps === '') return start;
    const found = await this.#parse(`${start}${steps}`);
    if (found !== undefined) return found;
    throw new CodeSageError(
      'GitRefNotFound',
      `There is no commit ${text}: ${this.#view.shallow.size > 0 ? 'history that is here ends before it' : 'it has no such parent'}.`,
      this.#view.shallow.size > 0 ? deepen(this.#git) : 'list_commits shows which commits there are.',
    );
  }

  async #named(text: string, base: { kind: 'id'; digits: string } | { kind: 'name'; name: string }): Promise<string> {
    const byName = await this.#ref(base.kind === 'id' ? base.digits : base.name);
    const id = byName ?? (base.kind === 'id' ? await this.#parse(base.digits) : undefined);
    if (id !== undefined && (await this.belongs(id))) return id;
    throw new CodeSageError('GitRefNotFound', `"${this.#codebase}" has no commit ${text}.`, this.#remedy());
  }

  #remedy(): string {
    if (this.#git === undefined) return 'Write a branch or tag of the repository, or an id that list_commits shows.';
    const followed = this.#git.ref === undefined ? "the remote's default branch" : this.#git.ref;
    const shallow = this.#view.shallow.size > 0 ? ` ${deepen(this.#git)}` : '';
    return `This codebase follows ${followed} alone: write HEAD, or an id that list_commits shows.${shallow}`;
  }

  /** The commit of a branch or tag. A checkout has none but what it follows. */
  async #ref(name: string): Promise<string | undefined> {
    const followed = this.#git?.ref;
    if (followed !== undefined && fullNames(name).some((full) => fullNames(followed).includes(full))) return this.head;
    const wanted = fullNames(name).filter(isKnownRef);
    const { bytes } = await this.#view.readRefs(['for-each-ref', refFormat, '--', ...wanted], {
      what: 'Looking up refs',
    });
    const refs = new Map(refLines(bytes).map(({ name: full, commit }) => [full, commit]));
    const found = wanted.find((full) => refs.get(full) !== undefined);
    return found === undefined ? undefined : refs.get(found);
  }

  async #parse(revision: string): Promise<string | undefined> {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
    const { bytes, code } = await this.#view.read(args, { what: 'Looking up a commit' });
    const id = bytes.toString('latin1').trim();
    return code === 0 && commitId.test(id) ? id : undefined;
  }

  /** Whether a ref of the codebase reaches the commit: what was removed by force or never belonged to it is not shown. */
  async belongs(id: string): Promise<boolean> {
    if (id === this.head) return true;
    this.#tips ??= this.#readTips();
    const tips = await this.#tips;
    if (tips.includes(id)) return true;
    const { repository } = this.#view;
    const key = createHash('sha256')
      .update([repository.objects, ...tips, id].join('\n'))
      .digest('hex');
    if (belonging.has(key)) return true;
    const input = `${id}\n${tips.map((tip) => `^${tip}\n`).join('')}`;
    const { bytes, code, isCut } = await this.#view.read(['rev-list', '--max-count=1', '--stdin'], {
      what: 'Looking whether a commit belongs to the codebase',
      input,
    });
    if (isCut || code !== 0 || bytes.length > 0) return false;
    belonging.set(key, true);
    return true;
  }

  async #readTips(): Promise<string[]> {
    if (this.#git !== undefined) return [this.head];
    const { bytes } = await this.#view.readRefs(['for-each-ref', refFormat, '--', ...knownRefs], {
      what: 'Reading refs',
      maxBytes: tipsBytes,
    });
    const commits = refLines(bytes).flatMap(({ commit }) => (commit === undefined ? [] : [commit]));
    return [...new Set([this.head, ...commits])];
  }
}

const refFormat = '--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname)';

/** Refs with the commit that each means; a tag of a file or directory means none. */
function refLines(bytes: Buffer): { name: string; commit: string | undefined }[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [type, id = '', peeledType, peeled = '', ...rest] = line.split(' ');
      const commit = [type === 'commit' ? id : '', peeledType === 'commit' ? peeled : ''].find((one) =>
        commitId.test(one),
      );
      const name = rest.join(' ');
      return name === '' ? [] : [{ name, commit }];
    });
}

/** How a codebase gets the rest of its history. */
export function deepen(git: SourceConfig['git']): string {
  return git === undefined
    ? 'Run "git fetch --unshallow" in its directory to get all of it.'
    : 'Set depth: 0 in the git settings of this source to get all of it.';
}

/** Decides which commits a search looks at, and in which order: those that its facts leave, newest first. */
import type { GitProcess } from '../sources/git-process.ts';
import { type GitView, gitFailed } from './git-view.ts';

/** Commits that are listed while others are searched: git waits when nobody reads on. */
export class Candidates {
  readonly #git: GitProcess;
  readonly #chunks: AsyncIterator<Buffer>;
  #waiting: string[] = [];
  #rest = '';
  #hasEnded = false;
  /** True once all are known; false when the time was over before. */
  isWhole = false;

  /** @param args of `git rev-list` */
  constructor(view: GitView, args: readonly string[], seconds: number) {
    this.#git = view.start(['rev-list', ...args], { what: 'Listing commits', seconds });
    this.#chunks = (this.#git.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** The next ones, which stay until they are dropped; fewer than `count` at the end only. */
  async peek(count: number): Promise<string[]> {
    while (this.#waiting.length < count && !this.#hasEnded) {
      const { value, done } = await this.#chunks.next();
      if (done === true) await this.#end();
      else this.#add(value);
    }
    return this.#waiting.slice(0, count);
  }

  #add(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    this.#waiting.push(...lines);
  }

  async #end(): Promise<void> {
    this.#hasEnded = true;
    const { code, stoppedBy } = await this.#git.ended;
    if (stoppedBy === undefined && code !== 0) throw gitFailed('Listing commits');
    this.isWhole = stoppedBy === undefined;
  }

  drop(count: number): void {
    this.#waiting = this.#waiting.slice(count);
  }

  /** True when nothing is left and nothing will come. */
  get isEmpty(): boolean {
    return this.#hasEnded && this.#waiting.length === 0;
  }

  close(): void {
    this.#git.stop();
  }
}

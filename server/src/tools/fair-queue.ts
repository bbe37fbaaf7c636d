/** Decides whose waiting call comes next: clients take turns, and each client's own calls keep their order. */
import type { Queue, QueueAddOptions } from 'p-queue';

type Run = () => Promise<unknown>;

/** What a call says when it is added. */
export type FairQueueOptions = QueueAddOptions & { client?: string };

/** A queue for p-queue that goes round the clients who wait. */
export class FairQueue implements Queue<Run, FairQueueOptions> {
  /** In the order of their turns. */
  readonly #lines = new Map<string, { run: Run; id: string | undefined }[]>();

  get size(): number {
    let size = 0;
    for (const line of this.#lines.values()) size += line.length;
    return size;
  }

  enqueue(run: Run, { client = '', id }: Partial<FairQueueOptions> = {}): void {
    const line = this.#lines.get(client);
    if (line === undefined) this.#lines.set(client, [{ run, id }]);
    else line.push({ run, id });
  }

  dequeue(): Run | undefined {
    const [next] = this.#lines;
    if (next === undefined) return undefined;
    const [client, line] = next;
    const first = line.shift();
    // Who had a turn stands behind all others now.
    this.#lines.delete(client);
    if (line.length > 0) this.#lines.set(client, line);
    return first?.run;
  }

  remove(id: string): void {
    for (const [client, line] of this.#lines) {
      const at = line.findIndex((call) => call.id === id);
      if (at < 0) continue;
      line.splice(at, 1);
      if (line.length === 0) this.#lines.delete(client);
      return;
    }
  }

  /** Calls have no priorities but their turns. */
  filter(): Run[] {
    return [...this.#lines.values()].flatMap((line) => line.map(({ run }) => run));
  }

  setPriority(): void {
    throw new Error('calls have no priorities but their turns');
  }
}

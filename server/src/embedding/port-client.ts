/** Decides how a thread asks the embedding thread through a port, and gives up when there is no answer. */
import type { MessagePort } from 'node:worker_threads';
import type { EmbedAnswer, EmbedRequest, PortMessage } from './thread-protocol.ts';

type Waiting = { resolve: (vectors: Float32Array) => void; reject: (error: Error) => void };

/** Longest wait for one answer; a thread that takes longer is taken to hang. */
const answerTimeoutMs = 300_000;

/** Asks for vectors. Many requests may be under way at once. */
export class PortClient {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #closed = false;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (answer: EmbedAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('error' in answer) waiting?.reject(new Error(`The embedding model failed: ${answer.error}`));
      else waiting?.resolve(answer.vectors);
    });
    port.on('close', () => this.#end());
  }

  /** True once the other side is gone: nothing will be answered any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Vectors of the texts, one after the other. Rejects when the model fails, and with the signal's reason. */
  async embed(kind: EmbedRequest['kind'], texts: readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    signal?.throwIfAborted();
    if (this.#closed) throw threadEnded();
    const id = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<Float32Array>();
    this.#waiting.set(id, { resolve, reject });
    const giveUp = (reason: unknown) => {
      this.#waiting.delete(id);
      this.#post({ id, cancel: true });
      reject(reason);
    };
    const abort = () => giveUp(signal?.reason);
    const late = () => giveUp(new Error(`The embedding model did not answer within ${answerTimeoutMs / 1000} s.`));
    const timer = setTimeout(late, answerTimeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    this.#post({ id, kind, texts });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  #post(message: PortMessage): void {
    this.#port.postMessage(message);
  }

  close(): void {
    this.#port.close();
  }

  #end(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(threadEnded());
    this.#waiting.clear();
  }
}

function threadEnded(): Error {
  return new Error('The embedding thread ended.');
}

/** Decides how the one thread that holds the model serves its ports: a piece at a time, so that a query waits for one piece at most. */

import { setImmediate } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { EmbedQueue } from './embed-queue.ts';
import { modelProblem } from './model-problem.ts';
import type { EmbedAnswer, PortMessage, ThreadCommand, ThreadSettings, ThreadStart } from './thread-protocol.ts';
import { loadTransformer, type TransformerModel } from './transformer-model.ts';

const { settings, cacheDirectory } = workerData as ThreadSettings;

function tell(message: ThreadStart): void {
  parentPort?.postMessage(message);
}

class PortServer {
  readonly #model: TransformerModel;
  readonly #queue: EmbedQueue;
  #working: Promise<void> | undefined;
  #ending = false;

  constructor(model: TransformerModel) {
    this.#model = model;
    this.#queue = new EmbedQueue(model.dimensions, settings.batchSize);
  }

  serve(port: MessagePort): void {
    port.on('message', (message: PortMessage) => {
      if ('cancel' in message) this.#queue.drop(port, message.id);
      else this.#queue.add(port, message);
      this.#start();
    });
    port.on('close', () => this.#queue.drop(port));
  }

  /** Ends after the piece under way. */
  async end(): Promise<void> {
    this.#ending = true;
    await this.#working;
    await this.#model.dispose();
  }

  #start(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    for (;;) {
      // What arrived during the last piece may go first.
      await setImmediate();
      const piece = this.#ending ? undefined : this.#queue.next();
      if (piece === undefined) break;
      const port = piece.owner as MessagePort;
      const { id, kind, texts } = piece.request;
      const prefix = kind === 'query' ? settings.queryPrefix : settings.documentPrefix;
      try {
        const vectors = await this.#model.embed(piece.indexes.map((i) => `${prefix}${texts[i]}`));
        const finished = this.#queue.finish(piece, vectors);
        if (finished === undefined) continue;
        port.postMessage({ id, vectors: finished.vectors } satisfies EmbedAnswer, [finished.vectors.buffer]);
      } catch (error) {
        this.#queue.drop(port, id);
        port.postMessage({ id, error: messageOf(error) } satisfies EmbedAnswer);
      }
    }
  }
}

try {
  const model = await loadTransformer(settings, cacheDirectory);
  const server = new PortServer(model);
  // Commands that came while the model was loaded wait until somebody listens.
  parentPort?.on('message', (command: ThreadCommand) => {
    if ('connect' in command) server.serve(command.connect);
    else void server.end().finally(() => process.exit(0));
  });
  tell({ loaded: { name: model.name, dimensions: model.dimensions } });
} catch (error) {
  tell({ failed: modelProblem(error) });
}

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
  #working = false;

  constructor(model: TransformerModel) {
    this.#model = model;
    this.#queue = new EmbedQueue(model.dimensions, settings.batchSize);
  }

  serve(port: MessagePort): void {
    port.on('message', (message: PortMessage) => {
      if ('cancel' in message) this.#queue.drop(port, message.id);
      else this.#queue.add(port, message);
      void this.#work();
    });
    port.on('close', () => this.#queue.drop(port));
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (;;) {
      // What arrived during the last piece may go first.
      await setImmediate();
      const piece = this.#queue.next();
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
    this.#working = false;
  }
}

try {
  const model = await loadTransformer(settings, cacheDirectory);
  const server = new PortServer(model);
  parentPort?.on('message', (command: ThreadCommand) => {
    if ('connect' in command) server.serve(command.connect);
    else void model.dispose().finally(() => process.exit(0));
  });
  tell({ loaded: { name: model.name, dimensions: model.dimensions } });
} catch (error) {
  tell({ failed: modelProblem(error) });
}

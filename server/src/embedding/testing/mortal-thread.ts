/** Decides how an embedding thread dies in tests: when it is asked to embed "die". All else has the vector 1. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { EmbedAnswer, PortMessage, ThreadCommand, ThreadStart } from '../thread-protocol.ts';

function serve(port: MessagePort): void {
  port.on('message', (message: PortMessage) => {
    if ('cancel' in message) return;
    if (message.texts.includes('die')) process.exit(1);
    port.postMessage({ id: message.id, vectors: Float32Array.of(1) } satisfies EmbedAnswer);
  });
}

parentPort?.on('message', (command: ThreadCommand) => {
  if ('connect' in command) serve(command.connect);
  else process.exit(0);
});
parentPort?.postMessage({ loaded: { name: 'mortal', dimensions: 1 } } satisfies ThreadStart);

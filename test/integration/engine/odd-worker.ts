/** Decides how a parser behaves that fails in every way that a real one could; the file's text asks for it. */
import { workerData } from 'node:worker_threads';
import type { WorkerSettings } from '../../../server/src/index/worker-protocol.ts';
import { createIndexFiles } from '../../../server/src/index/worker-tasks.ts';
import { parseFile } from '../../../server/src/syntax/parser.ts';
import type { Syntax } from '../../../server/src/syntax/types.ts';

const settings = (Array.isArray(workerData) ? workerData[1] : workerData) as WorkerSettings;

/** `(loop br 0)`: a scanner that never returns, in WASM. */
const endlessModule = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 4, 1, 96, 0, 0],
  ...[3, 2, 1, 0],
  ...[7, 7, 1, 3, 114, 117, 110, 0, 0],
  ...[10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11],
);

type Wasm = {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: { run(): void } };
};
const { Module, Instance } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;

const misbehaviours: Readonly<Record<string, () => unknown>> = {
  'hang in wasm': () => new Instance(new Module(endlessModule)).exports.run(),
  'hang in script': () => {
    for (;;);
  },
  'wait for ever': () => new Promise(() => {}),
  'leave the thread': () => process.exit(3),
  'throw later': () => {
    setImmediate(() => {
      throw new Error('thrown where nobody catches');
    });
    return new Promise(() => {});
  },
  'take all memory': () => {
    const held: unknown[] = [];
    for (;;) held.push(Array.from({ length: 100_000 }, (_, i) => ({ i })));
  },
};

async function parse(path: string, text: string): Promise<Syntax> {
  const asked = Object.keys(misbehaviours).find((name) => text.includes(`please ${name}`));
  if (asked !== undefined) await misbehaviours[asked]?.();
  return parseFile(path, text);
}

export const indexFiles = createIndexFiles(settings, parse);
export { scan } from '../../../server/src/index/worker.ts';

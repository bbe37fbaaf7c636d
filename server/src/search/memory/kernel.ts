/** Decides how the compiled kernel is brought to a memory: one instance for each segment, over the segment's own bytes. */
import { scanWasm } from './scan-wasm.ts';

/** The functions of scan.as; addresses are bytes from the start of the memory. */
export type Kernel = {
  roughScores(
    signs: number,
    tables: number,
    octets: number,
    rows: number,
    scales: number,
    bias: number,
    offset: number,
    scores: number,
  ): void;
  countScores(scores: number, rows: number, mask: number, floor: number, histogram: number): void;
  rowsFrom(scores: number, rows: number, least: number, list: number): number;
  products(
    vectors: number,
    scales: number,
    width: number,
    query: number,
    queryScale: number,
    list: number,
    count: number,
    out: number,
  ): void;
};

export type WasmMemory = { readonly buffer: ArrayBuffer };

/** The part of WebAssembly that is used; its types come with those of browsers only. */
type WebAssemblyApi = {
  Memory: new (size: { initial: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: { env: { memory: WasmMemory } }) => { exports: unknown };
};
const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

const pageBytes = 65_536;

/** Zeroed memory of at least `bytes` bytes. */
export function createMemory(bytes: number): WasmMemory {
  return new Memory({ initial: Math.ceil(bytes / pageBytes) });
}

let compiled: object | undefined;

export function instantiateKernel(memory: WasmMemory): Kernel {
  compiled ??= new Module(Buffer.from(scanWasm, 'base64'));
  return new Instance(compiled, { env: { memory } }).exports as Kernel;
}

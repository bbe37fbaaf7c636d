/** Decides how the compiled arithmetic of a static model is brought to its table, which all threads share, and to a thread's own memory. */
import { sumRowsWasm } from './sum-rows-wasm.ts';

/** Memory that threads share; posted, it is the same memory there. */
export type SharedMemory = { readonly buffer: SharedArrayBuffer };
type OwnMemory = { readonly buffer: ArrayBuffer };

/** The part of WebAssembly that is used; its types come with those of browsers only. */
type WebAssemblyApi = {
  Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => { readonly buffer: ArrayBufferLike };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: { env: { table: SharedMemory; own: OwnMemory } }) => { exports: unknown };
};
const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

const pageBytes = 65_536;
const pairBytes = 8;
/** The kernel works on so many columns at a time. */
export const columnsAtOnce = 16;

/** Zeroed memory for a table of so many bytes. */
export function createTable(bytes: number): SharedMemory {
  const pages = Math.ceil(bytes / pageBytes);
  return new Memory({ initial: pages, maximum: pages, shared: true }) as SharedMemory;
}

/** Sums rows of a table; one a thread. `list` and `weights` are filled by who calls `sum`. */
export type RowSum = {
  /** Where the i-th row starts in the table, at 2i. */
  list: Uint32Array;
  /** The i-th row's weight, at 2i + 1. */
  weights: Float32Array;
  /** Writes the weighted sum of the first `count` rows, brought to length 1, to `vector`; zeros when it is zero. */
  sum(count: number): void;
  vector: Float32Array;
};

/** `width` must be a multiple of `columnsAtOnce`; `mostRows` is the most that `sum` is asked for. */
export function createRowSum(table: SharedMemory, width: number, mostRows: number): RowSum {
  const out = Math.ceil((mostRows * pairBytes) / 16) * 16;
  const own = new Memory({ initial: Math.ceil((out + width * 4) / pageBytes) }) as OwnMemory;
  const module = new Module(Buffer.from(sumRowsWasm, 'base64'));
  const { sumRows } = new Instance(module, { env: { table, own } }).exports as {
    sumRows(list: number, count: number, width: number, out: number): void;
  };
  return {
    list: new Uint32Array(own.buffer, 0, mostRows * 2),
    weights: new Float32Array(own.buffer, 0, mostRows * 2),
    sum: (count) => sumRows(0, count, width, out),
    vector: new Float32Array(own.buffer, out, width),
  };
}

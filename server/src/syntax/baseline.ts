/** Decides which grammars V8 may not optimise, because its optimising compiler would take gigabytes for them. */
import { setFlagsFromString } from 'node:v8';

/**
 * A grammar's lexer is one function. V8's optimising compiler takes memory for it that grows faster than its size, in
 * the background and outside of every heap limit: measured 100 MB for 48 kB (C#), 250 MB for 106 kB (C++), 520 MB for
 * 161 kB (Bash), over 2 GB for 320 kB (Swift). Above this size the code of the baseline compiler stays, which takes
 * next to nothing; the rest of the parser is optimised all the same, and no loss of speed could be measured.
 */
const largestOptimised = 45_000;

const codeSection = 10;
const headerLength = 8;

/** Reads an unsigned LEB128 number; returns the value and where it ends. */
function readNumber(bytes: Uint8Array, from: number): [number, number] {
  let value = 0;
  let at = from;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  return [value, at];
}

/** Bytes of the largest function body of a WASM module; 0 for a module without code. */
export function largestFunction(bytes: Uint8Array): number {
  let at = headerLength;
  while (at < bytes.length) {
    const id = bytes[at];
    const [length, content] = readNumber(bytes, at + 1);
    if (id === codeSection) return largestBody(bytes, content);
    at = content + length;
  }
  return 0;
}

function largestBody(bytes: Uint8Array, from: number): number {
  let [count, at] = readNumber(bytes, from);
  let largest = 0;
  for (; count > 0 && at < bytes.length; count--) {
    const [length, content] = readNumber(bytes, at);
    largest = Math.max(largest, length);
    at = content + length;
  }
  return largest;
}

/** Whether a grammar's module is one that V8 must leave to its baseline compiler. */
export function needsBaseline(bytes: Uint8Array): boolean {
  return largestFunction(bytes) > largestOptimised;
}

const flagNames = ['wasm-tier-up', 'wasm-dynamic-tiering'] as const;
const lockName = 'codesage-wasm-compiler';

/** The part of the Web Locks API that is used; Node has it since 24.5, held across the threads of one process. */
type Locks = { request<T>(name: string, run: () => Promise<T>): Promise<T> };
const { locks } = navigator as { locks?: Locks };

/**
 * Runs `load`, which must call once what it compiles: V8 compiles a WASM function at its first call, and compiled code
 * is shared by all threads. One thread at a time, since the flags are the process's. With `baselineOnly`, what is
 * compiled meanwhile is never optimised; V8 has no such setting for a single module.
 */
export async function compileAlone<T>(baselineOnly: boolean, load: () => Promise<T>): Promise<T> {
  if (locks === undefined) {
    // Without a lock another thread could switch back too early: better all that follows is left unoptimised.
    if (baselineOnly) setTiering(false);
    return load();
  }
  // Waiting for a lock does not keep a thread alive by itself.
  const alive = setInterval(() => undefined, 60_000);
  try {
    return await locks.request(lockName, () => (baselineOnly ? withoutTiering(load) : load()));
  } finally {
    clearInterval(alive);
  }
}

async function withoutTiering<T>(load: () => Promise<T>): Promise<T> {
  setTiering(false);
  try {
    return await load();
  } finally {
    setTiering(true);
  }
}

function setTiering(on: boolean): void {
  for (const name of flagNames) setFlagsFromString(on ? `--${name}` : `--no-${name}`);
}

/** Decides which codebases are searched in memory: those whose segments fit, all together, into a share of the memory limit. */

/** The rest is for the runtime, LanceDB, the embedding model, indexing and caches. */
const memoryShare = 0.4;
/**
 * Bytes a chunk takes in memory, words, vector and all. Measured with 256 dimensions: 685 on the 73,520 chunks of Kubernetes,
 * of which 292 are the vector.
 */
const bytesBesideVector = 420;
const bytesPerDimension = 1.2;

/** Bytes that the segments of so many chunks will take, about. */
export function estimateBytes(chunks: number, dimensions: number): number {
  return chunks * (bytesBesideVector + dimensions * bytesPerDimension);
}

/** What all codebases of a server together may take. */
export class MemoryShare {
  readonly #limit: number;
  readonly #taken = new Map<string, number>();

  /** @param maxMemoryMB the memory limit of the process */
  constructor(maxMemoryMB: number) {
    this.#limit = maxMemoryMB * 1024 * 1024 * memoryShare;
  }

  /** True when a codebase of this size fits beside the others. */
  fits(codebase: string, chunks: number, dimensions: number): boolean {
    let others = 0;
    for (const [name, bytes] of this.#taken) if (name !== codebase) others += bytes;
    return others + estimateBytes(chunks, dimensions) <= this.#limit;
  }

  /** Records what a codebase's segments take; 0 when it is searched otherwise. */
  take(codebase: string, bytes: number): void {
    this.#taken.set(codebase, bytes);
  }

  /** Bytes taken by all codebases. */
  get bytes(): number {
    return [...this.#taken.values()].reduce((sum, bytes) => sum + bytes, 0);
  }
}

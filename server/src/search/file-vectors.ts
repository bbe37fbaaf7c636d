/** Decides how the mean vectors of a codebase's files are kept in memory: one byte a component, which is enough to compare them. */

/** Mean vectors by row number; row n takes `dimensions` + 4 bytes. */
export class FileVectors {
  readonly #dimensions: number;
  #components: Int8Array;
  #scales: Float32Array;

  constructor(dimensions: number, rows: number) {
    this.#dimensions = dimensions;
    this.#components = new Int8Array(rows * dimensions);
    this.#scales = new Float32Array(rows);
  }

  get rows(): number {
    return this.#scales.length;
  }

  /** A copy with room for so many rows, at least as many as here; what is set in one of the two is not in the other. */
  copy(rows: number): FileVectors {
    const other = new FileVectors(this.#dimensions, rows);
    other.#components.set(this.#components);
    other.#scales.set(this.#scales);
    return other;
  }

  /** Keeps a row's vector, its largest component as 127. */
  set(row: number, vector: Float32Array): void {
    const length = Math.min(this.#dimensions, vector.length);
    let largest = 0;
    for (let i = 0; i < length; i++) {
      const size = Math.abs(vector[i] as number);
      if (size > largest) largest = size;
    }
    const scale = largest / 127;
    this.#scales[row] = scale;
    if (scale === 0) return;
    const components = this.#components;
    const at = row * this.#dimensions;
    for (let i = 0; i < length; i++) components[at + i] = Math.round((vector[i] as number) / scale);
  }

  /** Product of a row's vector with `query`: the mean similarity of the file's chunks. */
  similarity(row: number, query: Float32Array): number {
    const components = this.#components;
    const length = Math.min(this.#dimensions, query.length);
    const at = row * this.#dimensions;
    let sum = 0;
    for (let i = 0; i < length; i++) sum += (components[at + i] as number) * (query[i] as number);
    return sum * (this.#scales[row] ?? 0);
  }
}

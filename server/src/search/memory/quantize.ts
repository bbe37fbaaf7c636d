/** Decides how vectors lose precision: one byte a dimension with a scale for each row, and one bit for a first look. */

/** Bytes of a row: the kernel reads 64 dimensions at once. */
export function widthOf(dimensions: number): number {
  return Math.ceil(dimensions / 64) * 64;
}

/** Writes a vector as bytes, its largest component as 127. Returns the scale that makes components of bytes. */
export function quantizeRow(vector: ArrayLike<number>, out: Int8Array, at: number): number {
  let largest = 0;
  for (let i = 0; i < vector.length; i++) largest = Math.max(largest, Math.abs(vector[i] as number));
  if (largest === 0) return 0;
  const factor = 127 / largest;
  for (let i = 0; i < vector.length; i++) out[at + i] = Math.round((vector[i] as number) * factor);
  return largest / 127;
}

/**
 * One bit a dimension: set where the row is above the mean of all rows. Vectors of one model point much the same way, so
 * signs alone would say little: on 59,807 chunks of Kubernetes the best 2,000 by plain Hamming distance held 94 % of
 * the true best 50, by these bits and a query of four bits 99 %.
 */
export function signBits(vectors: Int8Array, scales: Float32Array, width: number): Uint8Array<ArrayBuffer> {
  const rows = scales.length;
  const mean = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const scale = scales[row] as number;
    for (let i = 0, at = row * width; i < width; i++)
      mean[i] = (mean[i] as number) + (vectors[at + i] as number) * scale;
  }
  for (let i = 0; i < width; i++) mean[i] = (mean[i] as number) / Math.max(1, rows);
  const bits = new Uint8Array((rows * width) / 8);
  for (let row = 0; row < rows; row++) {
    const scale = scales[row] as number;
    for (let i = 0, at = row * width; i < width; i++, at++) {
      if ((vectors[at] as number) * scale > (mean[i] as number))
        bits[at >> 3] = (bits[at >> 3] as number) | (1 << (i & 7));
    }
  }
  return bits;
}

export type QuantizedQuery = {
  /** Components in 16 bits; times `scale` those of the query. */
  components: Int16Array;
  scale: number;
  /** Components in 4 bits: for each 64 dimensions four planes of 64 bits, the last one counts -8. */
  planes: Uint8Array;
};

/** Most that a query's component may be, so that a product of a whole row fits into 32 bits. */
const largestSum = 2 ** 31 - 1;

export function quantizeQuery(query: Float32Array, width: number): QuantizedQuery {
  let largest = 0;
  for (const component of query) largest = Math.max(largest, Math.abs(component));
  const most = Math.min(8191, Math.floor(largestSum / (127 * width)));
  const components = new Int16Array(width);
  const planes = new Uint8Array(width / 2);
  if (largest === 0) return { components, scale: 0, planes };
  for (let i = 0; i < query.length; i++) {
    const share = (query[i] as number) / largest;
    components[i] = Math.round(share * most);
    // -7.5 to 7.5 rounds to the sixteen values -8 to 7.
    const coarse = Math.max(-8, Math.min(7, Math.round(share * 7.5))) & 15;
    const at = (i >> 6) * 32 + ((i & 63) >> 3);
    for (let plane = 0; plane < 4; plane++) {
      if (coarse & (1 << plane)) planes[at + plane * 8] = (planes[at + plane * 8] as number) | (1 << (i & 7));
    }
  }
  return { components, scale: largest / most, planes };
}

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

/** Rows whose signs lie together; the kernel scores as many at once. */
export const signBlock = 32;

/** What a segment keeps for a rough look at its rows. */
export type Rough = {
  /** Blocks of 32 rows: eight dimensions of each row, then the next eight. A bit is set where the row is above `center`. */
  signs: Uint8Array<ArrayBuffer>;
  /** For each row how far a sign counts, in `signScaleUnit`s. */
  signScales: Int16Array<ArrayBuffer>;
  /** Mean of all rows. */
  center: Float32Array<ArrayBuffer>;
};

/**
 * One bit a dimension: set where the row is above the mean of all rows. Vectors of one model point much the same way, so
 * signs alone would say little. How far a row is from the mean is told by its scale, RaBitQ's estimator: the square of
 * its length over the sum of its components' sizes.
 */
export function roughOf(vectors: Int8Array, scales: Float32Array, width: number): Rough {
  const rows = scales.length;
  const center = meanOf(vectors, scales, width);
  const octets = width / 8;
  const signs = new Uint8Array(Math.ceil(rows / signBlock) * signBlock * octets);
  const signScales = new Int16Array(rows);
  for (let row = 0; row < rows; row++) {
    const scale = scales[row] as number;
    const block = Math.floor(row / signBlock) * signBlock * octets + (row % signBlock);
    let sizes = 0;
    let squares = 0;
    for (let i = 0, at = row * width; i < width; i++, at++) {
      const part = (vectors[at] as number) * scale - (center[i] as number);
      sizes += Math.abs(part);
      squares += part * part;
      if (part <= 0) continue;
      const octet = block + (i >> 3) * signBlock;
      signs[octet] = (signs[octet] as number) | (1 << (i & 7));
    }
    signScales[row] = sizes === 0 ? 0 : Math.min(32_767, Math.round(squares / sizes / signScaleUnit(width)));
  }
  return { signs, signScales, center };
}

function meanOf(vectors: Int8Array, scales: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const rows = scales.length;
  const sum = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const scale = scales[row] as number;
    for (let i = 0, at = row * width; i < width; i++, at++)
      sum[i] = (sum[i] as number) + (vectors[at] as number) * scale;
  }
  return Float32Array.from(sum, (value) => value / Math.max(1, rows));
}

/** A component of a unit vector is about 1 / √width from the mean; scales up to four times that are told apart. */
const signScaleUnit = (width: number) => 4 / Math.sqrt(width) / 32_768;

/** Sizes of the query's components in a rough look, from 0 to this: what 16 bits can sum up, and tables of bytes can hold. */
const roughLevels = (width: number) => Math.min(15, Math.floor(26_000 / width));

/** Most that the center brings, and any row beyond it. */
const mostOffset = (width: number) => Math.ceil((width * roughLevels(width)) / 4);

/** Rough scores are from 1 to this, exclusive. */
export function roughScoreCount(width: number): number {
  return width * roughLevels(width) + mostOffset(width) + 2;
}

export type QuantizedQuery = {
  /** Components in 16 bits; times `scale` those of the query. */
  components: Int16Array;
  scale: number;
  /** For each four dimensions the sums of the query's components, in `roughLevels`, over each of their sixteen subsets. */
  tables: Uint8Array;
  /** What the tables' sums of a row, doubled, have more than the sum by signs. */
  bias: number;
};

/** Most that a query's component may be, so that a product of a whole row fits into 32 bits. */
const largestSum = 2 ** 31 - 1;

export function quantizeQuery(query: Float32Array, width: number): QuantizedQuery {
  let largest = 0;
  for (const component of query) largest = Math.max(largest, Math.abs(component));
  const most = Math.min(8191, Math.floor(largestSum / (127 * width)));
  const levels = roughLevels(width);
  const components = new Int16Array(width);
  const tables = new Uint8Array(width * 4);
  const coarse = new Int32Array(4);
  let total = 0;
  for (let i = 0; i < width; i++) {
    const share = largest === 0 ? 0 : (query[i] ?? 0) / largest;
    components[i] = Math.round(share * most);
    coarse[i & 3] = Math.round(share * levels);
    total += coarse[i & 3] as number;
    if ((i & 3) === 3) fillTable(tables.subarray((i - 3) * 4, (i + 1) * 4), coarse, 4 * levels);
  }
  return { components, scale: largest / most, tables, bias: 2 * width * levels + total };
}

/** Each entry is the one without its highest bit, and that bit's component. */
function fillTable(table: Uint8Array, coarse: Int32Array, shift: number): void {
  table[0] = shift;
  for (let bit = 0; bit < 4; bit++) {
    for (let i = 0; i < 1 << bit; i++) table[i + (1 << bit)] = (table[i] as number) + (coarse[bit] as number);
  }
}

/** What a segment's center adds to the rough scores of its rows. */
export function centerOffset(query: Float32Array, center: Float32Array): number {
  const width = center.length;
  let largest = 0;
  let product = 0;
  for (let i = 0; i < query.length; i++) {
    largest = Math.max(largest, Math.abs(query[i] as number));
    product += (query[i] as number) * (center[i] as number);
  }
  if (largest === 0) return 0;
  const unit = (largest / roughLevels(width)) * signScaleUnit(width) * 32_768;
  return Math.max(-mostOffset(width), Math.min(mostOffset(width), Math.round(product / unit)));
}

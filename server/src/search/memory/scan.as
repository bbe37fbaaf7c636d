// AssemblyScript; hack/generate compiles it into scan-wasm.ts. testing/reference.ts says the same in plain TypeScript.
// Decides the arithmetic of a vector scan: rough scores from one bit a dimension, then products of one byte a dimension.

/**
 * Scores every row by its signs: the sum of the query's components, each added where the row is above the mean and taken
 * away where it is below, times the row's scale (16 bits, as a share of 2^15), and `offset` added: what the mean itself
 * brings. After RaBitQ (Gao and Long, SIGMOD 2024), without its rotation; four dimensions at once by a table of sixteen
 * sums (Andre and others, VLDB 2015). Rows lie in blocks of 32: the first eight signs of each, then the next eight.
 * `octets` is the dimensions / 8, `tables` has for each octet two tables, of its first and its last four dimensions;
 * their sums are shifted to be at least 0 and at most 127, and `bias` is what a row's doubled sum of them has too much.
 * A score is stored in 16 bits, 1 for none and less. Writes whole blocks.
 */
export function roughScores(
  signs: usize, tables: usize, octets: i32, rows: i32, scales: usize, bias: i32, offset: i32, scores: usize,
): void {
  const end = tables + (<usize>octets << 5);
  const nibble = i8x16.splat(15);
  const biases = i16x8.splat(<i16>bias);
  const offsets = i16x8.splat(<i16>offset);
  for (let row = 0; row < rows; row += 32, scales += 64, scores += 64) {
    // Sums of 16 bits: of even rows with those of odd ones in their upper halves, and of odd rows.
    let both0 = i16x8.splat(0);
    let odd0 = both0;
    let both1 = both0;
    let odd1 = both0;
    for (let table = tables; table < end; table += 32, signs += 32) {
      const first = v128.load(table);
      const last = v128.load(table, 16);
      const signs0 = v128.load(signs);
      const signs1 = v128.load(signs, 16);
      const sums0 = i8x16.add(
        i8x16.swizzle(first, v128.and(signs0, nibble)), i8x16.swizzle(last, v128.and(i16x8.shr_u(signs0, 4), nibble)));
      const sums1 = i8x16.add(
        i8x16.swizzle(first, v128.and(signs1, nibble)), i8x16.swizzle(last, v128.and(i16x8.shr_u(signs1, 4), nibble)));
      both0 = i16x8.add(both0, sums0);
      odd0 = i16x8.add(odd0, i16x8.shr_u(sums0, 8));
      both1 = i16x8.add(both1, sums1);
      odd1 = i16x8.add(odd1, i16x8.shr_u(sums1, 8));
    }
    const even0 = i16x8.sub(both0, i16x8.shl(odd0, 8));
    const even1 = i16x8.sub(both1, i16x8.shl(odd1, 8));
    finish(v128.shuffle<u16>(even0, odd0, 0, 8, 1, 9, 2, 10, 3, 11), biases, offsets, scales, scores);
    finish(v128.shuffle<u16>(even0, odd0, 4, 12, 5, 13, 6, 14, 7, 15), biases, offsets, scales + 16, scores + 16);
    finish(v128.shuffle<u16>(even1, odd1, 0, 8, 1, 9, 2, 10, 3, 11), biases, offsets, scales + 32, scores + 32);
    finish(v128.shuffle<u16>(even1, odd1, 4, 12, 5, 13, 6, 14, 7, 15), biases, offsets, scales + 48, scores + 48);
  }
}

// @ts-ignore: decorator of AssemblyScript
@inline
function finish(sums: v128, biases: v128, offsets: v128, scales: usize, scores: usize): void {
  const scaled = i16x8.q15mulr_sat_s(i16x8.sub(i16x8.shl(sums, 1), biases), v128.load(scales));
  const score = i16x8.max_s(i16x8.add_sat_s(scaled, offsets), i16x8.splat(0));
  v128.store(scores, i16x8.add_sat_s(score, i16x8.splat(1)));
}

/**
 * Counts the rows by their score, from the score `floor` on, which is above 0. Those whose byte in `mask` is 0 (mask 0: no
 * mask) get the score 0 and count nowhere, as do the entries behind the last row, to the end of its block of 32.
 */
export function countScores(scores: usize, rows: i32, mask: usize, floor: i32, histogram: usize): void {
  for (let row = rows; row & 31; row++) store<u16>(scores + (<usize>row << 1), 0);
  if (mask != 0) {
    for (let row = 0; row < rows; row++) if (load<u8>(mask + row) == 0) store<u16>(scores + (<usize>row << 1), 0);
  }
  const bar = i16x8.splat(<i16>floor);
  for (let end = scores + (<usize>rows << 1); scores < end; scores += 16) {
    let found = i16x8.bitmask(i16x8.ge_s(v128.load(scores), bar));
    for (; found != 0; found &= found - 1) {
      const count = histogram + (<usize>load<u16>(scores + (ctz(found) << 1)) << 2);
      store<u32>(count, load<u32>(count) + 1);
    }
  }
}

/** Lists the rows that have at least the score `least`, which is above 0; returns how many. Reads 8 scores at once. */
export function rowsFrom(scores: usize, rows: i32, least: i32, list: usize): i32 {
  const start = list;
  const bar = i16x8.splat(<i16>least);
  for (let row = 0; row < rows; row += 8, scores += 16) {
    let found = i16x8.bitmask(i16x8.ge_s(v128.load(scores), bar));
    for (; found != 0; found &= found - 1, list += 4) store<u32>(list, row + ctz(found));
  }
  return <i32>((list - start) >> 2);
}

/**
 * Products of `count` listed int8 rows of `width` (a multiple of 16) bytes with an int16 query, times both scales. Four rows
 * at once, since most of the time is waiting for their bytes. Fills up list and out to a multiple of four.
 */
export function products(
  vectors: usize, scales: usize, width: i32, query: usize, queryScale: f32, list: usize, count: i32, out: usize,
): void {
  for (let i = count; i & 3; i++) store<u32>(list + (<usize>i << 2), load<u32>(list));
  for (let i = 0; i < count; i += 4, list += 16, out += 16) {
    const row0 = load<u32>(list);
    const row1 = load<u32>(list, 4);
    const row2 = load<u32>(list, 8);
    const row3 = load<u32>(list, 12);
    let vector0 = vectors + row0 * width;
    let vector1 = vectors + row1 * width;
    let vector2 = vectors + row2 * width;
    let vector3 = vectors + row3 * width;
    let sum0 = i32x4.splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    const end = query + (<usize>width << 1);
    for (let part = query; part < end; part += 32, vector0 += 16, vector1 += 16, vector2 += 16, vector3 += 16) {
      const low = v128.load(part);
      const high = v128.load(part, 16);
      sum0 = i32x4.add(sum0, product(v128.load(vector0), low, high));
      sum1 = i32x4.add(sum1, product(v128.load(vector1), low, high));
      sum2 = i32x4.add(sum2, product(v128.load(vector2), low, high));
      sum3 = i32x4.add(sum3, product(v128.load(vector3), low, high));
    }
    store<f32>(out, total(sum0) * load<f32>(scales + (row0 << 2)) * queryScale);
    store<f32>(out, total(sum1) * load<f32>(scales + (row1 << 2)) * queryScale, 4);
    store<f32>(out, total(sum2) * load<f32>(scales + (row2 << 2)) * queryScale, 8);
    store<f32>(out, total(sum3) * load<f32>(scales + (row3 << 2)) * queryScale, 12);
  }
}

// @ts-ignore: decorator of AssemblyScript
@inline
function product(bytes: v128, low: v128, high: v128): v128 {
  return i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(bytes), low), i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(bytes), high));
}

// @ts-ignore: decorator of AssemblyScript
@inline
function total(sum: v128): f32 {
  return <f32>(i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1)
    + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3));
}

// AssemblyScript; hack/generate compiles it into scan-wasm.ts. testing/reference.ts says the same in plain TypeScript.
// Decides the arithmetic of a vector scan: rough scores from one bit a dimension, then products of one byte a dimension.

/**
 * Scores every row by its signs: the sum, over the dimensions whose bit is set, of the query's component in four bits
 * (-8 to 7, two's complement, one plane of bits each). After RaBitQ (Gao and Long, SIGMOD 2024), without its rotation.
 * `words` is the dimensions / 64, `planes` holds for each word its four planes. A score is stored as score + 512 * words
 * + 1 in 16 bits, and counted in `histogram`; a row whose byte in `mask` is 0 (mask 0: no mask) gets 0 and counts nowhere.
 */
export function roughScores(
  signs: usize, planes: usize, words: i32, rows: i32, mask: usize, scores: usize, histogram: usize,
): void {
  const zero = 512 * words + 1;
  for (let row = 0; row < rows; row++, signs += <usize>words << 3, scores += 2) {
    if (mask != 0 && load<u8>(mask + row) == 0) {
      store<u16>(scores, 0);
      continue;
    }
    let sum: i64 = 0;
    for (let word = 0; word < words; word++) {
      const bits = load<u64>(signs + (<usize>word << 3));
      const plane = planes + (<usize>word << 5);
      sum += popcnt(bits & load<u64>(plane)) + (popcnt(bits & load<u64>(plane, 8)) << 1)
        + (popcnt(bits & load<u64>(plane, 16)) << 2) - (popcnt(bits & load<u64>(plane, 24)) << 3);
    }
    const score = <i32>sum + zero;
    store<u16>(scores, <u16>score);
    const count = histogram + (<usize>score << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
}

/** Lists the rows that have at least the score `least`, which is above 0; returns how many. */
export function rowsFrom(scores: usize, rows: i32, least: i32, list: usize): i32 {
  const start = list;
  for (let row = 0; row < rows; row++) {
    if (<i32>load<u16>(scores + (<usize>row << 1)) >= least) {
      store<u32>(list, row);
      list += 4;
    }
  }
  return <i32>((list - start) >> 2);
}

/** Products of `count` listed int8 rows of `width` (a multiple of 16) bytes with an int16 query, times both scales. */
export function products(
  vectors: usize, scales: usize, width: i32, query: usize, queryScale: f32, list: usize, count: i32, out: usize,
): void {
  for (let i = 0; i < count; i++, list += 4, out += 4) {
    const row = <usize>load<u32>(list);
    const vector = vectors + row * <usize>width;
    let low = i32x4.splat(0);
    let high = i32x4.splat(0);
    for (let at: usize = 0; at < <usize>width; at += 16) {
      const bytes = v128.load(vector + at);
      const part = query + (at << 1);
      low = i32x4.add(low, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(bytes), v128.load(part)));
      high = i32x4.add(high, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(bytes), v128.load(part, 16)));
    }
    const sum = i32x4.add(low, high);
    const product = i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1)
      + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
    store<f32>(out, <f32>product * load<f32>(scales + (row << 2)) * queryScale);
  }
}

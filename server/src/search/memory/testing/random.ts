/** Decides what tests take for chance: a generator that gives the same numbers for the same seed. */

/** Numbers from 0 to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const whole = (random: () => number, below: number): number => Math.floor(random() * below);

/** A unit vector; all of one `seed` lean the same way, as those of a real model do. */
export function leaningVector(random: () => number, dimensions: number): Float32Array {
  const vector = Float32Array.from({ length: dimensions }, (_, i) => random() - 0.5 + (i % 3 === 0 ? 0.2 : 0));
  const length = Math.hypot(...vector);
  return vector.map((component) => component / length);
}

/** Decides how latencies are remembered: counts in buckets that grow by a fixed factor, so that memory stays the same for any number of calls. */

/** Four buckets an octave: neighbours differ by 19 %, so that a percentile is off by a tenth at most. */
const bucketsPerOctave = 4;
const leastSeconds = 1e-5;
const octaves = 27;
const bucketCount = octaves * bucketsPerOctave;

/** Latencies of one kind of call, in seconds. Anything below 10 µs counts as that, anything above 20 minutes as those. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(bucketCount);
  #count = 0;
  #sum = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  /** 0 while nothing was recorded. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  record(seconds: number): void {
    const octave = Math.log2(Math.max(seconds, leastSeconds) / leastSeconds);
    const bucket = Math.min(bucketCount - 1, Math.floor(octave * bucketsPerOctave));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sum += seconds;
    this.#max = Math.max(this.#max, seconds);
  }

  /** Takes in what another one recorded. */
  add(other: LatencyHistogram): void {
    for (const [bucket, count] of other.#counts.entries()) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#max = Math.max(this.#max, other.#max);
  }

  /** Seconds that this share (0 to 1) of what was recorded did not exceed, by the nearest rank; 0 while there is nothing. */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(this.#count * share));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank) return Math.min(this.#max, leastSeconds * 2 ** ((bucket + 0.5) / bucketsPerOctave));
    }
    return 0;
  }
}

/** Decides in which order texts are embedded: queries first, but never without end, then documents as they came, in pieces that a query can wait for. */
import type { EmbedRequest } from './thread-protocol.ts';

type Job = { owner: object; request: EmbedRequest; order: number[]; at: number; vectors: Float32Array<ArrayBuffer> };

/** A part of one request: which of its texts are next. */
export type Piece = { owner: object; request: EmbedRequest; indexes: number[] };
export type FinishedRequest = { owner: object; id: number; vectors: Float32Array<ArrayBuffer> };

/** So many queries in a row may go before documents that wait: else callers that never pause would stop indexing. */
const queriesInARow = 4;
/** About a thousand tokens of code: less than half a second of a small transformer on one core, which a query waits at most. */
const pieceCharacters = 4096;

/** Requests by the port they came from. Holds no clock and no thread: who takes pieces decides when. */
export class EmbedQueue {
  readonly #dimensions: number;
  readonly #pieceSize: number;
  #jobs: Job[] = [];
  #queriesSince = 0;

  constructor(dimensions: number, pieceSize: number) {
    this.#dimensions = dimensions;
    this.#pieceSize = pieceSize;
  }

  add(owner: object, request: EmbedRequest): void {
    const { texts } = request;
    // Texts of like length together: a run is padded to its longest.
    const order = texts.map((_, i) => i).sort((a, b) => (texts[a]?.length ?? 0) - (texts[b]?.length ?? 0));
    this.#jobs.push({ owner, request, order, at: 0, vectors: new Float32Array(texts.length * this.#dimensions) });
  }

  /** Forgets one request, or all of an owner that went away. */
  drop(owner: object, id?: number): void {
    this.#jobs = this.#jobs.filter((job) => job.owner !== owner || (id !== undefined && job.request.id !== id));
  }

  next(): Piece | undefined {
    const first = (kind: EmbedRequest['kind']) => this.#jobs.find(({ request }) => request.kind === kind);
    const [query, document] = [first('query'), first('document')];
    const job = this.#queriesSince >= queriesInARow ? (document ?? query) : (query ?? document);
    if (job === undefined) return undefined;
    this.#queriesSince = job === query ? this.#queriesSince + 1 : 0;
    const { owner, request } = job;
    return { owner, request, indexes: this.#pieceOf(job) };
  }

  #pieceOf({ request, order, at }: Job): number[] {
    const piece: number[] = [];
    for (const index of order.slice(at, at + this.#pieceSize)) {
      // The order is by length: this one is the longest so far, and the others are padded to it.
      const length = request.texts[index]?.length ?? 0;
      if (piece.length > 0 && (piece.length + 1) * length > pieceCharacters) break;
      piece.push(index);
    }
    return piece;
  }

  /** Takes a piece's vectors; returns the request when it was its last. A piece of a dropped request is nothing. */
  finish({ owner, request, indexes }: Piece, vectors: Float32Array): FinishedRequest | undefined {
    const job = this.#jobs.find((candidate) => candidate.request === request && candidate.owner === owner);
    if (job === undefined) return undefined;
    const size = this.#dimensions;
    for (const [i, index] of indexes.entries())
      job.vectors.set(vectors.subarray(i * size, (i + 1) * size), index * size);
    job.at += indexes.length;
    if (job.at < job.order.length) return undefined;
    this.drop(owner, request.id);
    return { owner, id: request.id, vectors: job.vectors };
  }
}

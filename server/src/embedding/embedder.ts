/** Decides what an embedding model offers to indexing and search. */

/** Turns texts into unit vectors, so that the dot product of two is their cosine similarity. */
export type Embedder = {
  /** Names model and revision; vectors of different names never mix in one index. */
  readonly name: string;
  readonly dimensions: number;
  /** Writes the text's vector to `out` from `offset` on; all zeros when the text says nothing to the model. */
  embedInto(text: string, out: Float32Array, offset: number): void;
};

/** In place of a model's name: there is none, and vectors are zeros that nothing is compared with. */
export const noEmbedding = 'none';
/** Zeros a chunk then takes: the least that code working on sixteen components at a time can read. */
export const noEmbeddingDimensions = 16;

/** The vector of one text. */
export function embed(embedder: Embedder, text: string): Float32Array {
  const vector = new Float32Array(embedder.dimensions);
  embedder.embedInto(text, vector, 0);
  return vector;
}

/** What is embedded for a chunk: its path, a newline, its text, as the model was trained on. */
export function documentText(path: string, chunkText: string): string {
  return `${path}\n${chunkText}`;
}

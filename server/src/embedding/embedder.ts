/** Decides what an embedding model offers to indexing and search. */

/** Turns texts into unit vectors, so that the dot product of two is their cosine similarity. */
export type Embedder = {
  /** Names model and revision; vectors of different names never mix in one index. */
  readonly name: string;
  readonly dimensions: number;
  /** Writes the text's vector to `out` from `offset` on; all zeros when the text says nothing to the model. */
  embedInto(text: string, out: Float32Array, offset: number): void;
};

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

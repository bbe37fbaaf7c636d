/** Decides what a chunker is and how large a chunk may be; grammar-true chunkers plug in behind the same type. */
import { chunkByLines } from './lines.ts';

/** A piece of a file: lines are 1-based, both ends included. A piece of an over-long line spans that one line. */
export type Chunk = { startLine: number; endLine: number; text: string };

/** Cuts a file's text into chunks of at most `limit` UTF-16 units each, in file order. */
export type Chunker = (text: string, limit: number) => Chunk[];

/**
 * Fewest characters that one token is assumed to stand for. English prose has about four and dense code about two in
 * common tokenizers, so a chunk of n estimated tokens stays under n real ones. It also puts the default of 750 tokens
 * at 1,500 characters, which is the length that the built-in model was trained on.
 */
export const charactersPerToken = 2;

/** The chunk limit in characters for the setting `indexing.chunkSizeTokens`. */
export function chunkLimit(chunkSizeTokens: number): number {
  return chunkSizeTokens * charactersPerToken;
}

/** Names the way in which chunks and their search tokens are made; another value means that an index must be made again. */
export const chunkerVersion = 'lines-1';

/** The chunker for a language. */
export function chunkerFor(_language: string): Chunker {
  return chunkByLines;
}

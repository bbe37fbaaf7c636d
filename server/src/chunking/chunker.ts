/** Decides how large a chunk may be, and whether a file is cut by its grammar or by lines. */
import { type Cuts, chunkByGrammar } from './grammar.ts';
import { chunkByLines } from './lines.ts';

/** A piece of a file: lines are 1-based, both ends included. A piece of an over-long line spans that one line. */
export type Chunk = { startLine: number; endLine: number; text: string };

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

/** Names the way in which chunks, symbols, search words and files' vectors are made; another value means that an index must be made again. */
export const chunkerVersion = 'syntax-2';

/** Cuts a file along its syntax where there is any, else by lines. `text` has no byte order mark. */
export function chunkFile(text: string, limit: number, syntax: Cuts): Chunk[] {
  return syntax.borders.length > 0 ? chunkByGrammar(text, limit, syntax) : chunkByLines(text, limit);
}

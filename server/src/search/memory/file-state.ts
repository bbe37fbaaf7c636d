/** Decides how a file's row in the tables is recognised: another row of the same path has another state. */
import type { FileState } from './segment-builder.ts';

/** The state that a row of `files` stands for. */
export function fileState(contentHash: string, readAtMs: number): FileState {
  let hash = 0x811c9dc5;
  for (let i = 0; i < contentHash.length; i++) hash = Math.imul(hash ^ contentHash.charCodeAt(i), 0x01000193);
  return { hash: hash >>> 0, readAt: readAtMs };
}

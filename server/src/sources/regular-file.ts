/** Decides what is opened when a file of a source is read: a regular file, never what a link or a pipe in its place leads to. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** The file's bytes, or undefined when it is larger than `maxBytes`. @throws Error when it is no regular file, or is not there. */
export function readRegularFile(path: string, maxBytes: number): Buffer | undefined {
  // What was seen in a listing may be something else by now, and opening a pipe would wait for its other end.
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile()) throw new Error('not a regular file');
    return stats.size > maxBytes ? undefined : readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

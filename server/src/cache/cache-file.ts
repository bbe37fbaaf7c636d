/** Decides how a cache is kept on disk: one file, replaced as a whole, and ignored when it is not what was written. */
import { hash as digest, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

/** A file of another format is ignored: a cache is never worth a migration. */
const format = 1;
const newline = 10;
const headSchema = z.object({ format: z.literal(format), kind: z.string(), sha256: z.string(), about: z.unknown() });

/** What `about` tells is checked by the reader; `body` is raw. */
export type CacheFile = { about: unknown; body: Buffer };

/** Whether a file of this name is one that was being written; between two processes, it is a left-over. */
export function isDraft(name: string): boolean {
  return /\.cache\.[\da-f-]{36}\.tmp$/.test(name);
}

/** Writes beside the file and renames, so that no reader and no crash sees half of it. */
export async function writeCacheFile(path: string, kind: string, { about, body }: CacheFile): Promise<void> {
  const head = { format, kind, sha256: checksum(about, body), about };
  const draft = `${path}.${randomUUID()}.tmp`;
  // Somebody may have deleted the directory since the last time.
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(draft, [Buffer.from(`${JSON.stringify(head)}\n`), body], { mode: 0o600 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The file's content; undefined when there is none. @throws Error when it is not a whole cache file of this kind and format. */
export async function readCacheFile(path: string, kind: string): Promise<CacheFile | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  const end = bytes.indexOf(newline);
  const head = headSchema.parse(JSON.parse(bytes.toString('utf8', 0, Math.max(0, end))));
  const body = bytes.subarray(end + 1);
  if (head.kind !== kind) throw new Error(`it holds ${head.kind} instead of ${kind}`);
  if (head.sha256 !== checksum(head.about, body)) throw new Error('its checksum is wrong');
  return { about: head.about, body };
}

function checksum(about: unknown, body: Buffer): string {
  return digest('sha256', Buffer.concat([Buffer.from(JSON.stringify(about)), body]), 'hex');
}

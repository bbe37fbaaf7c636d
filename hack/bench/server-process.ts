/** Decides how a benchmark starts our server's process: with the settings of the image, read from where the image has them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../cluster/cache.ts';

const dockerfile = readFileSync(join(repository, 'Dockerfile.server'), 'utf8');

/** Settings of the C library's allocator, which decide much of the peak memory. */
export const serverEnvironment: Readonly<Record<string, string>> = Object.fromEntries(
  [...dockerfile.matchAll(/\b(MALLOC_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
);

/** Flags of Node. */
export const serverFlags: readonly string[] = [...dockerfile.matchAll(/"(--[^"]+)"/g)].map(([, flag = '']) => flag);

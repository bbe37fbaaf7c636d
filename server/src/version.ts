/** Decides which version the server says it is: the one of its package. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Version of the server, from package.json. */
export const serverVersion: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).version;

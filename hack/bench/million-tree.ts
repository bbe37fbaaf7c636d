/**
 * Decides what a million chunks are made of: all the code that this machine has of Go's module cache, of node_modules and
 * of Python's library, and as that is not enough, the same again with other names.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const extensions =
  /\.(?:go|ts|tsx|js|mjs|cjs|py|rs|java|c|h|cc|cpp|hpp|sh|rb|php|cs|kt|swift|scala|lua|proto|sql|css|md)$/;
const smallest = 200;
const largest = 200_000;
/** Names of six letters and more that are part of a language. */
const kept = new Set(
  'package import export default return function interface struct switch continue abstract static public private protected extends implements typeof instanceof finally require module exports undefined string number boolean object lambda nonlocal global assert include define ifndef endif typedef unsigned template namespace virtual override readonly declare keyof fallthrough select'.split(
    ' ',
  ),
);

/** Directories with source code, those that exist. */
export function sourceRoots(): string[] {
  let go = '';
  try {
    go = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // Without Go there is less code, hence more of it renamed.
  }
  const repository = join(import.meta.dirname, '..', '..', 'node_modules');
  return [go, repository, '/usr/lib/python3', '/usr/lib/python3.11', '/usr/lib/python3.13'].filter(
    (root) => root !== '' && existsSync(root),
  );
}

/** Paths below `root` in order, Go's archive of downloads left out. */
async function* sourcesBelow(root: string, top = root): AsyncGenerator<string> {
  const entries = (await readdir(root, { withFileTypes: true }).catch(() => [])).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  for (const entry of entries) {
    const path = join(root, entry.name);
    if (entry.isDirectory() && !(root === top && entry.name === 'cache')) yield* sourcesBelow(path, top);
    else if (entry.isFile() && extensions.test(entry.name) && !entry.name.includes('.min.')) yield path;
  }
}

/** Gives every longer name another ending, the same one wherever the name is. `round` 0 changes nothing. */
export function renamed(text: string, round: number): string {
  if (round === 0) return text;
  return text.replace(/[A-Za-z_]{6,}/g, (name) => (kept.has(name) ? name : name + endingOf(name, round)));
}

const syllables = ['Ba', 'Ke', 'Lo', 'Mi', 'Nu', 'Ra', 'Se', 'To', 'Vi', 'Zu'];

function endingOf(name: string, round: number): string {
  let hash = round * 7919;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) >>> 0;
  return `${syllables[hash % 10]}${round}`;
}

/** Fills `folder` with code of at least so many bytes. Returns how many files there are. */
export async function makeTree(folder: string, bytes: number): Promise<number> {
  const roots = sourceRoots();
  let [written, files] = [0, 0];
  for (let round = 0; written < bytes; round++) {
    const before = written;
    for (const [r, root] of roots.entries()) {
      for await (const path of sourcesBelow(root)) {
        if (written >= bytes) return files;
        const { size } = await stat(path);
        if (size < smallest || size > largest) continue;
        // Folders that the scan leaves out would hide all of it.
        const relative = path
          .slice(root.length + 1)
          .replaceAll('node_modules', 'modules')
          .replaceAll('vendor', 'third');
        const target = join(folder, `part${round}`, `root${r}`, relative);
        await mkdir(dirname(target), { recursive: true });
        const text = renamed(await readFile(path, 'utf8'), round);
        await writeFile(target, text);
        written += text.length;
        files++;
      }
    }
    if (written === before) throw new Error('this machine has no source code to measure with');
  }
  return files;
}

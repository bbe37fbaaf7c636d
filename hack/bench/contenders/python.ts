/** Decides with which Python packages contenders run: exact releases, installed by pip into the project's cache. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, hashOf, madeOnce } from '../../cluster/cache.ts';
import { answers, run } from '../../cluster/command.ts';
import { install } from '../../cluster/packages.ts';
import { type ContenderOptions, type Outcome, runContender } from './process.ts';

/** What is compared with, and what their speed depends on. */
const releases = [
  'semble==0.7.0',
  'semble-grammars==0.1.2',
  'model2vec==0.10.0',
  'bm25s==0.3.16',
  'numpy==2.4.6',
  'tokenizers==0.23.3',
  'tree-sitter==0.26.1',
];

/** Folder with the packages, installed at first use. */
function packagesFolder(): Promise<string> {
  return madeOnce(join(cacheRoot(), `bench-python-${hashOf(releases)}`), async (folder) => {
    // A minimal Debian has no pip; elsewhere its own error says what is missing.
    if ((await answers('python3', ['-m', 'pip', '--version'])) === undefined && existsSync('/usr/bin/apt-get')) {
      await install(['python3-pip']);
    }
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', folder, ...releases]);
  });
}

/** Runs a script of this folder with those packages, offline: nothing is fetched at run time. */
export async function runPython<T>(
  script: string,
  args: readonly string[],
  options: ContenderOptions = {},
): Promise<Outcome<T>> {
  const env = { ...options.env, PYTHONPATH: await packagesFolder(), HF_HUB_OFFLINE: '1', PYTHONDONTWRITEBYTECODE: '1' };
  return runContender<T>('python3', [join(import.meta.dirname, script), ...args], { ...options, env });
}

/** Decides how probe is measured, which keeps no index and reads the tree at each query. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheRoot, madeOnce } from '../../cluster/cache.ts';
import { run } from '../../cluster/command.ts';

export const probeRelease = '0.6.0-rc325';

const platforms: Readonly<Record<string, string>> = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
};

/** Path of its program, out of its npm package; installing that would also fetch what npm does not hold. */
async function probeProgram(): Promise<string | undefined> {
  const platform = platforms[`${process.platform}-${process.arch}`];
  if (platform === undefined) return undefined;
  const name = `probe-v${probeRelease}-${platform}`;
  const folder = await madeOnce(join(cacheRoot(), `bench-${name}`), async (target) => {
    const packed = await mkdtemp(join(tmpdir(), 'codesage-probe-'));
    try {
      await run('npm', ['pack', '--silent', '--pack-destination', packed, `@probelabs/probe@${probeRelease}`]);
      const [file = ''] = await readdir(packed);
      await run('tar', ['--extract', '--gzip', '--directory', packed, '--file', join(packed, file)]);
      const archive = join(packed, 'package', 'bin', 'binaries', `${name}.tar.gz`);
      await mkdir(target);
      await run('tar', ['--extract', '--gzip', '--strip-components=1', '--directory', target, '--file', archive]);
    } finally {
      await rm(packed, { recursive: true, force: true });
    }
  });
  return join(folder, 'probe');
}

/** Milliseconds of each question, with a process for each as its MCP server starts one; undefined where it does not run. */
export async function timeProbe(tree: string, questions: readonly string[]): Promise<number[] | undefined> {
  const program = await probeProgram();
  if (program === undefined) return undefined;
  return questions.map((question) => {
    const startedAt = performance.now();
    const args = ['search', question, tree, '--max-results', '10', '--format', 'json'];
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'ignore'], timeout: 60_000 });
    return performance.now() - startedAt;
  });
}

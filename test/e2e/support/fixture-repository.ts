/** Decides what the small code base of the end-to-end tests holds, and serves it to pods from a real git server. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Cluster } from '../../../hack/cluster/cluster.ts';
import { run } from '../../../hack/cluster/command.ts';
import { type GitServerOptions, startGitServer } from '../../../hack/cluster/git-server.ts';

/** Files of three languages with one definition each that the tests look for. */
export const smallCodeBase: Record<string, string> = {
  'README.md': '# Warehouse\n\nKeeps stock of parts and plans their delivery.\n',
  'src/inventory.ts':
    '/** Counts how many parts of a kind are left on all shelves. */\nexport function countRemainingParts(shelves: { kind: string; amount: number }[], kind: string): number {\n  return shelves.filter((shelf) => shelf.kind === kind).reduce((sum, shelf) => sum + shelf.amount, 0);\n}\n',
  'delivery/route.py':
    'def shortest_delivery_route(stops, distance):\n    """Order the stops so that the lorry drives the least."""\n    route = [stops[0]]\n    rest = set(stops[1:])\n    while rest:\n        nearest = min(rest, key=lambda stop: distance(route[-1], stop))\n        rest.remove(nearest)\n        route.append(nearest)\n    return route\n',
  'billing/invoice.go':
    'package billing\n\n// TotalWithTax adds the tax of a country to the sum of all lines of an invoice.\nfunc TotalWithTax(lines []int64, percent int64) int64 {\n\tvar sum int64\n\tfor _, line := range lines {\n\t\tsum += line\n\t}\n\treturn sum + sum*percent/100\n}\n',
};

/** A bare git repository that tests can commit to. */
export type FixtureRepository = {
  /** Name below the git server's root, e.g. `warehouse.git`. */
  name: string;
  /** Writes the files and commits them; resolves to the new commit. */
  commit(files: Record<string, string | Buffer>): Promise<string>;
};

export type FixtureGitServer = {
  /** URL as pods reach it, without a trailing slash. */
  url: string;
  createRepository(name: string, files: Record<string, string | Buffer>): Promise<FixtureRepository>;
  /** Serves what is committed in a checkout of this machine. */
  createRepositoryFrom(name: string, checkout: string): Promise<void>;
  /** Serves the files of a folder that is no repository, as one commit; the folder is only read. */
  createRepositoryOf(name: string, folder: string): Promise<void>;
  stop(): Promise<void>;
};

const identity = ['-c', 'user.name=Fixture', '-c', 'user.email=fixture@example.invalid'];

/** Starts a git server whose repositories the test makes, and lets the cluster's pods reach it. */
export async function startFixtureGitServer(
  cluster: Cluster,
  options: Pick<GitServerOptions, 'credentials'> = {},
): Promise<FixtureGitServer> {
  const root = await mkdtemp(path.join(tmpdir(), 'codesage-git-'));
  const server = await startGitServer({ root, ...options });
  const exposed = await cluster.exposeToPods(server.port);
  return {
    url: `http://${exposed.address}`,
    createRepository: (name, files) => createRepository(root, name, files),
    async createRepositoryFrom(name, checkout) {
      await run('git', ['clone', '--quiet', '--bare', checkout, path.join(root, name)]);
    },
    async createRepositoryOf(name, folder) {
      const bare = path.join(root, name);
      await run('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', bare]);
      const git = ['--git-dir', bare, '--work-tree', folder, ...identity];
      await run('git', [...git, 'add', '--all', '--force', '.']);
      await run('git', [...git, 'commit', '--quiet', '--message', 'Import']);
    },
    async stop() {
      await exposed.stop();
      await server.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function createRepository(
  root: string,
  name: string,
  files: Record<string, string | Buffer>,
): Promise<FixtureRepository> {
  const folder = path.join(root, name);
  await run('git', ['init', '--quiet', '--initial-branch', 'main', folder]);
  // What fills a volume is random: to compress it or look for likenesses would only take minutes.
  await run('git', ['-C', folder, 'config', 'core.compression', '0']);
  await run('git', ['-C', folder, 'config', 'core.bigFileThreshold', '1m']);
  const repository: FixtureRepository = {
    name,
    async commit(changes) {
      for (const [file, content] of Object.entries(changes)) {
        await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
        await writeFile(path.join(folder, file), content);
      }
      await run('git', ['-C', folder, 'add', '--all']);
      await run('git', ['-C', folder, ...identity, 'commit', '--quiet', '--message', 'Change the fixture']);
      return (await run('git', ['-C', folder, 'rev-parse', 'HEAD'])).trim();
    },
  };
  await repository.commit(files);
  return repository;
}

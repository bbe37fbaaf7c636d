/** Decides how a package's sources come from its registry into the cache, by the ordinary client, and only once. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, madeOnce } from '../../cluster/cache.ts';
import type { Client, CorpusPackage } from './packages.ts';

const minutes = 60_000;

/** Runs a client in `cwd`; what it prints is in the error when it fails. */
function run(cwd: string, command: string, args: readonly string[]): string {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 10 * minutes,
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const only = (directory: string, fits: (name: string) => boolean): string => {
  const found = readdirSync(directory).filter(fits);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`expected one archive, found ${found.length}`);
  return join(directory, found[0]);
};

/** Unpacks a tar archive into `sources`, without its one outer directory. */
function untar(archive: string, sources: string): void {
  mkdirSync(sources);
  run(sources, 'tar', ['--extract', '--strip-components=1', '--no-same-owner', '--file', archive]);
}

/** An entry of Debian's sources asks for sources; index and archives stay inside the cache. */
function aptOptions(root: string): string[] {
  const own = join(root, 'apt');
  if (!existsSync(own)) {
    mkdirSync(join(own, 'lists', 'partial'), { recursive: true });
    mkdirSync(join(own, 'archives', 'partial'), { recursive: true });
    // Security updates come and go; the release itself stays as it is.
    const release = readFileSync('/etc/apt/sources.list.d/debian.sources', 'utf8')
      .split(/\n\n+/)
      .filter((stanza) => !/^Suites:.*-security/m.test(stanza));
    writeFileSync(join(own, 'debian.sources'), release.join('\n\n').replace(/^Types: deb$/gm, 'Types: deb-src'));
    run(root, 'apt-get', [...aptOptions(root), 'update']);
  }
  const option = (key: string, value: string) => ['-o', `${key}=${value}`];
  return [
    ...option('Dir::Etc::SourceList', '/dev/null'),
    ...option('Dir::Etc::SourceParts', own),
    ...option('Dir::State::lists', join(own, 'lists')),
    ...option('Dir::Cache', own),
  ];
}

/** Brings the sources of a package into `work/sources`. */
const fetchers: Readonly<Record<Client, (work: string, of: CorpusPackage) => void>> = {
  npm: (work, { name, version }) => {
    run(work, 'npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', work]);
    untar(
      only(work, (file) => file.endsWith('.tgz')),
      join(work, 'sources'),
    );
  },
  pip: (work, { name, version }) => {
    run(work, 'pip', ['download', `${name}==${version}`, '--no-deps', '--no-binary', name, '--quiet', '--dest', work]);
    untar(
      only(work, (file) => file.endsWith('.tar.gz')),
      join(work, 'sources'),
    );
  },
  go: (work, { name, version }) => {
    const module = JSON.parse(run(work, 'go', ['mod', 'download', '-json', `${name}@${version}`])) as { Dir: string };
    run(work, 'cp', ['--recursive', '--no-preserve=mode', module.Dir, join(work, 'sources')]);
  },
  cargo: (work, { name, version }) => {
    const manifest = `[package]\nname = "corpus"\nversion = "0.0.0"\nedition = "2021"\n[lib]\npath = "lib.rs"\n[dependencies]\n"${name}" = "=${version}"\n`;
    writeFileSync(join(work, 'Cargo.toml'), manifest);
    writeFileSync(join(work, 'lib.rs'), '');
    run(work, 'cargo', ['vendor', '--quiet', join(work, 'vendor')]);
    renameSync(join(work, 'vendor', name), join(work, 'sources'));
    rmSync(join(work, 'vendor'), { recursive: true });
  },
  mvn: (work, { name, version }) => {
    const artifact = `${name}:${version}:jar:sources`;
    run(work, 'mvn', ['-q', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${work}`]);
    mkdirSync(join(work, 'sources'));
    run(join(work, 'sources'), 'unzip', ['-qo', only(work, (file) => file.endsWith('.jar'))]);
  },
  apt: (work, { name }) => {
    const options = aptOptions(corpusRoot());
    run(work, 'apt-get', [...options, 'source', '--download-only', '-qq', '--only-source', name]);
    untar(
      only(work, (file) => /\.orig\.tar\.(?:gz|xz|bz2)$/.test(file)),
      join(work, 'sources'),
    );
  },
  deb: (work, { name }) => {
    // The release's own lists serve here, as for any installation.
    run(work, 'apt-get', ['download', '-qq', name]);
    run(work, 'dpkg-deb', ['--extract', only(work, (file) => file.endsWith('.deb')), 'unpacked']);
    for (const aside of ['doc', 'man', 'locale', 'lintian']) {
      rmSync(join(work, 'unpacked', 'usr', 'share', aside), { recursive: true, force: true });
    }
    renameSync(join(work, 'unpacked', 'usr'), join(work, 'sources'));
  },
};

/** A package's name that can be a file's. */
export const folderName = ({ client, name, version }: CorpusPackage): string =>
  `${client}-${name.replace(/[^\w.-]+/g, '_')}${version === '' ? '' : `-${version}`}`;

/** Where the corpora are kept, outside the checkout. */
export const corpusRoot = (): string => join(cacheRoot(), 'retrieval');

/** The directory with the sources of a package, fetched if it is not there. Throws with what the client said. */
export function fetchPackage(wanted: CorpusPackage): Promise<string> {
  return madeOnce(join(corpusRoot(), folderName(wanted)), async (folder) => {
    const work = `${folder}.work`;
    mkdirSync(work);
    fetchers[wanted.client](work, wanted);
    renameSync(join(work, 'sources'), folder);
  });
}

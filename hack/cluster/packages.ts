/** Decides which Debian packages the node, the images and the git server need, and installs those that are missing. */
import { existsSync } from 'node:fs';
import { withLock } from './cache.ts';
import { CommandError, run } from './command.ts';
import { type Progress, step } from './progress.ts';

/** Package → a file that is there when it is installed. Nothing here starts a service. */
export const packageFiles: Record<string, string> = {
  buildah: '/usr/bin/buildah',
  'ca-certificates': '/etc/ssl/certs/ca-certificates.crt',
  conntrack: '/usr/sbin/conntrack',
  'containernetworking-plugins': '/usr/lib/cni/bridge',
  curl: '/usr/bin/curl',
  git: '/usr/bin/git',
  iproute2: '/usr/bin/ip',
  ipset: '/usr/sbin/ipset',
  iptables: '/usr/sbin/iptables',
  mmdebstrap: '/usr/bin/mmdebstrap',
  nftables: '/usr/sbin/nft',
  procps: '/usr/sbin/sysctl',
  runc: '/usr/sbin/runc',
  xfsprogs: '/usr/sbin/mkfs.xfs',
};

/** The packages whose file is missing. Merged-/usr machines have the same files under /bin and /sbin. */
export function missingPackages(exists: (file: string) => boolean = existsSync): string[] {
  return Object.entries(packageFiles)
    .filter(([, file]) => !exists(file) && !exists(file.replace(/^\/usr/, '')))
    .map(([name]) => name);
}

/** Installs what is missing (45 s from nothing). @throws Error that names the packages where it may not or cannot. */
export async function ensurePackages(progress?: Progress): Promise<void> {
  if (missingPackages().length === 0) return;
  await withLock('/var/tmp/codesage-operator-apt.lock', async () => {
    const missing = missingPackages();
    if (missing.length === 0) return;
    if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
      throw new Error(
        `The node needs these Debian packages; install them first (or run as root): ${missing.join(' ')}`,
      );
    }
    await step(progress, { name: `install ${missing.length} Debian packages`, usual: 45 }, () => install(missing));
  });
}

/** Installs packages by name, whether they are there or not. */
export async function install(packages: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=120', '-q'];
  const now = () => run('apt-get', [...wait, 'install', '-y', '--no-install-recommends', ...packages], { env });
  try {
    await run('apt-get', [...wait, 'update'], { env });
    await now();
  } catch (error) {
    if (!(error instanceof CommandError) || !error.output.includes('dpkg --configure -a')) throw error;
    // An earlier run was stopped while dpkg worked.
    await run('dpkg', ['--configure', '-a'], { env });
    await now();
  }
}

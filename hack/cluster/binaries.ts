/** Decides when the node's programs are built anew: when go.mod, go.sum or one of our Go sources changed. */
import { mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot, hashOfFiles, madeOnce } from './cache.ts';
import { run } from './command.ts';
import { goCommand } from './go-toolchain.ts';
import { type Progress, step } from './progress.ts';

const source = join(import.meta.dirname, 'go');
const kubernetes = 'v1.36.3';

/** The programs that live in one file and are told apart by the name they are called with. */
const links: Record<string, string[]> = {
  kube: [
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kubelet',
    'kube-proxy',
    'kubectl',
    'metrics-server',
    'etcd',
    'coredns',
    'helm',
  ],
  cri: ['containerd', 'ctr'],
};

/** Linker flags that stamp the version; without them the kubelet and kubectl say v0.0.0. */
function linkerFlags(): string {
  const [major, minor] = kubernetes.slice(1).split('.');
  const base = 'k8s.io/component-base/version';
  const stamps = [
    `${base}.gitVersion=${kubernetes}`,
    `${base}.gitMajor=${major}`,
    `${base}.gitMinor=${minor}`,
    `${base}.gitTreeState=clean`,
    `k8s.io/client-go/pkg/version.gitVersion=${kubernetes}`,
  ];
  return ['-s', '-w', ...stamps.map((stamp) => `-X ${stamp}`)].join(' ');
}

/** Where the programs of the present sources are, or will be. */
export async function binariesFolder(): Promise<string> {
  const hash = await hashOfFiles(source, ['go.mod', 'go.sum', '**/*.go', 'stub/*/go.mod'], [kubernetes, process.arch]);
  return join(cacheRoot(), `bin-${hash}`);
}

async function build(into: string): Promise<void> {
  await mkdir(into, { recursive: true });
  const go = await goCommand(source);
  const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' };
  const packages = ['./cmd/...', 'github.com/traefik/traefik/v3/cmd/traefik'];
  await run(go, ['build', '-trimpath', '-ldflags', linkerFlags(), '-o', `${into}/`, ...packages], { cwd: source, env });
  await rename(join(into, 'shim'), join(into, 'containerd-shim-runc-v2'));
  for (const [file, names] of Object.entries(links)) {
    for (const name of names) await symlink(file, join(into, name));
  }
}

/** Folder with every program of the node and of the API-only mode; built on first use (22 CPU minutes from nothing). */
export async function ensureBinaries(progress?: Progress): Promise<string> {
  const target = await binariesFolder();
  return madeOnce(target, (into) =>
    step(progress, { name: 'build Kubernetes and the node from Go modules', usual: 12 * 60 }, () => build(into)),
  );
}

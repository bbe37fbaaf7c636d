/** Decides who may do what inside a node: one certificate and kubeconfig for each component. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { network } from './network.ts';
import type { NodePaths } from './node-config.ts';
import { createAuthority, createSigningKeys, type KeyPair, renderKubeconfig, writePair } from './pki.ts';

const inside = 'https://127.0.0.1:6443';

/** Writes `pki/` and the kubeconfigs; `kubeconfig` is the administrator's, for use on the host. */
export async function writeNodePki({ name, state }: NodePaths, apiPort: number): Promise<void> {
  const authority = await createAuthority('codesage-cluster');
  const service = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ];
  const local = ['localhost', '127.0.0.1'];
  const issued = {
    apiserver: await authority.issue({
      commonName: 'kube-apiserver',
      names: [...service, ...local, network.node, network.api],
    }),
    'kubelet-client': await authority.issue({ commonName: 'kubelet-client', organization: 'system:masters' }),
    'front-proxy': await authority.issue({ commonName: 'front-proxy' }),
    kubelet: await authority.issue({
      commonName: `system:node:${name}`,
      organization: 'system:nodes',
      names: [name, network.node, '127.0.0.1'],
    }),
    accounts: await createSigningKeys(),
    ca: authority,
  };
  for (const [file, pair] of Object.entries(issued)) await writePair(join(state, 'pki'), file, pair);
  const kubeconfig = (file: string, server: string, user: KeyPair) =>
    writeFile(join(state, file), renderKubeconfig(server, authority.certificate, user), { mode: 0o600 });
  const admin = await authority.issue({ commonName: 'admin', organization: 'system:masters' });
  const component = (commonName: string) => authority.issue({ commonName, names: local });
  await kubeconfig('kubelet.kubeconfig', inside, issued.kubelet);
  await kubeconfig('manager.kubeconfig', inside, await component('system:kube-controller-manager'));
  await kubeconfig('scheduler.kubeconfig', inside, await component('system:kube-scheduler'));
  await kubeconfig('proxy.kubeconfig', inside, await component('system:kube-proxy'));
  await kubeconfig('node.kubeconfig', inside, admin);
  await kubeconfig('kubeconfig', `https://127.0.0.1:${apiPort}`, admin);
}

import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run } from '../../hack/cluster/command.ts';
import { ensureNode, stopNode } from '../../hack/cluster/node.ts';
import { findResidue } from '../../hack/cluster/residue.ts';
import { Kubectl } from './support/kubectl.ts';

/** A node of its own, beside the one that the other tests share. */
const name = 'codesage-e2e-end';

const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '64Mi' } } },
};
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'holder' },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'pause',
        image: 'localhost/pause:1',
        imagePullPolicy: 'Never',
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  },
};

afterAll(() => stopNode(name));

/** Kinds of things of which something is there. */
async function kindsLeft(): Promise<string[]> {
  return (await findResidue(name)).filter(({ left }) => left.length > 0).map(({ kind }) => kind);
}

test('[cluster.down] a node that ran pods with volumes leaves no process, mount, interface, rule, cgroup or loop device', async () => {
  expect(await kindsLeft()).toEqual([]);
  const node = await ensureNode(name);
  const kubectl = new Kubectl(join(node.bin, 'kubectl'), node.kubeconfig, 'default');
  await kubectl.apply(claim, pod);
  await kubectl.run(['wait', '--for=condition=Ready', 'pod/holder', '--timeout=120s']);
  // What is looked for is really there while the node runs: the check can fail.
  expect(await kindsLeft()).toEqual(expect.arrayContaining(['process', 'cgroup', 'loop device']));

  await stopNode(name);
  expect(await kindsLeft()).toEqual([]);
  await expect(run('ls', [node.state])).rejects.toThrow('No such file');
});

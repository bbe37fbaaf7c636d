/** Decides what runs in a node besides our own: storage class, DNS, ingress and metrics, as pods that run the node's programs. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apply, type Kubectl } from './kubectl.ts';
import { network } from './network.ts';

const addons = ['storage', 'dns', 'ingress', 'metrics'];

/** Replaces `${NAME}` by the value of that name. @throws Error on a name without value, so that no typo is applied. */
export function fillIn(template: string, values: Record<string, string>): string {
  return template.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The manifest names \${${name}}, which has no value`);
    return value;
  });
}

/** Applies all manifests at once; the pods come up by themselves. */
export async function applyAddons(kubectl: Kubectl, bin: string): Promise<void> {
  const values = { BIN: bin, NODE_IP: network.node, DNS_IP: network.dns };
  const texts = await Promise.all(
    addons.map((name) => readFile(join(import.meta.dirname, 'manifests', `${name}.yaml`), 'utf8')),
  );
  await apply(kubectl, texts.map((text) => fillIn(text, values)).join('\n---\n'));
}

/** Waits until names resolve and the ingress serves; metrics follow by themselves, 15 s after the start. */
export async function addonsReady(kubectl: Kubectl): Promise<void> {
  const status = (name: string) =>
    kubectl(['-n', 'kube-system', 'rollout', 'status', `deployment/${name}`, '--timeout=120s']);
  await Promise.all([status('coredns'), status('traefik')]);
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { fillIn } from './addons.ts';
import { parseSources } from './base-image.ts';
import { type Cluster, renderEnvironment } from './cluster.ts';
import { renderCni, renderContainerd, renderKubelet, renderProxy } from './node-config.ts';
import { renderResidue } from './residue.ts';

const paths = { name: 'one', state: '/state/one', bin: '/bin/one' };

test('every manifest is valid YAML once its values are filled in', async () => {
  const folder = join(import.meta.dirname, 'manifests');
  for (const file of await readdir(folder)) {
    const text = fillIn(await readFile(join(folder, file), 'utf8'), {
      BIN: '/b',
      NODE_IP: '10.0.0.1',
      DNS_IP: '10.0.0.2',
    });
    for (const document of parseAllDocuments(text)) {
      expect(document.errors, file).toEqual([]);
      expect(document.toJS(), file).toHaveProperty('kind');
    }
  }
});

test('a manifest that names an unknown value is refused', () => {
  expect(() => fillIn(`a: $\{OTHER}`, {})).toThrow('OTHER');
});

test('the kubelet keeps every image, refreshes mounts within ten seconds, and speaks of cgroup v1 only there', () => {
  const first = parse(renderKubelet(paths, 1));
  expect(first).toMatchObject({ failCgroupV1: false, syncFrequency: '10s', imageGCHighThresholdPercent: 100 });
  expect(first.containerRuntimeEndpoint).toBe('unix:///state/one/run/containerd.sock');
  expect(parse(renderKubelet(paths, 2))).not.toHaveProperty('failCgroupV1');
});

test('two nodes share no path', () => {
  const other = { ...paths, name: 'two', state: '/state/two' };
  for (const render of [renderCni, renderContainerd, renderProxy, (node: typeof paths) => renderKubelet(node, 1)]) {
    expect(render(other)).not.toContain('/state/one');
  }
});

test('variables for shells survive any character', () => {
  const cluster = {
    provider: 'node',
    kubeconfig: "/it's/here",
    kubectl: 'k',
    helm: 'h',
    ingress: { className: 'traefik', host: '127.0.0.1', httpPort: 8080, httpsPort: 8443 },
  } as unknown as Cluster;
  const text = renderEnvironment(cluster);
  expect(text).toContain(`export KUBECONFIG='/it'\\''s/here'\n`);
  expect(text).toContain(`export INGRESS_HTTPS_PORT='8443'\n`);
});

test('only main of Debian itself is a source of the base image', () => {
  const lines =
    'Debian|http://a/debian/|bookworm|main\nOther|http://b/|nodistro|main\nDebian|http://a/debian/|bookworm|contrib\n';
  expect(parseSources(lines)).toEqual([{ uri: 'http://a/debian/', suite: 'bookworm', component: 'main' }]);
});

test('what is left is named, and what is not is said too', () => {
  expect(
    renderResidue([
      { kind: 'mount', left: [] },
      { kind: 'process', left: ['12 etcd'] },
    ]),
  ).toBe('✓ no mount left\n✗ 1 process left:\n    12 etcd');
});

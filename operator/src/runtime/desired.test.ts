import { describe, expect, test } from 'vitest';
import { firstDifference, hashOf, withHash } from './desired.ts';
import type { KubernetesObject, Live, Manifest } from './resource.ts';

const manager = 'tester';
type Fields = Record<string, unknown>;
type Spec = { replicas?: number; template: { spec: Fields & { containers: [Fields, ...Fields[]] } } };
type Thing = KubernetesObject & Fields;
type LiveThing = Live<Thing> & { spec: Spec };

const manifest: Manifest<Thing> = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'ns', name: 'web', labels: { app: 'web' } },
  spec: {
    template: {
      spec: {
        nodeSelector: { disk: 'ssd' },
        containers: [
          {
            name: 'main',
            image: 'web:1',
            args: ['serve', '--fast'],
            ports: [{ containerPort: 8000 }],
            resources: { limits: { cpu: '0.5', memory: '1024Mi' } },
            env: [{ name: 'EMPTY', value: '' }],
          },
        ],
      },
    },
  },
};

/** What an API server holds after an apply of `manifest`: defaults added, quantities rewritten, empty text dropped. */
function live(): LiveThing {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      namespace: 'ns',
      name: 'web',
      uid: 'u',
      resourceVersion: '7',
      labels: { app: 'web', added: 'by-someone' },
      managedFields: [
        {
          manager: 'kubelet',
          operation: 'Update',
          apiVersion: 'apps/v1',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:status': {} },
        },
        {
          manager,
          operation: 'Apply',
          apiVersion: 'apps/v1',
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': { 'f:labels': { 'f:app': {} } },
            'f:spec': {
              'f:template': {
                'f:spec': {
                  'f:nodeSelector': {},
                  'f:containers': {
                    'k:{"name":"main"}': {
                      '.': {},
                      'f:name': {},
                      'f:image': {},
                      'f:args': {},
                      'f:ports': { 'k:{"containerPort":8000,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                      'f:resources': { 'f:limits': { 'f:cpu': {}, 'f:memory': {} } },
                      'f:env': { 'k:{"name":"EMPTY"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
                    },
                  },
                },
              },
            },
          },
        },
      ],
    },
    spec: {
      replicas: 1,
      template: {
        spec: {
          restartPolicy: 'Always',
          nodeSelector: { disk: 'ssd' },
          containers: [
            {
              name: 'main',
              image: 'web:1',
              imagePullPolicy: 'IfNotPresent',
              args: ['serve', '--fast'],
              ports: [{ containerPort: 8000, protocol: 'TCP' }],
              resources: { limits: { cpu: '500m', memory: '1Gi' } },
              env: [{ name: 'EMPTY' }],
            },
          ],
        },
      },
    },
  };
}

type Change = (object: LiveThing, desired: Manifest<Thing> & { spec: Spec }) => void;

const drifts: [string, Change, string][] = [
  [
    'a field changed by hand',
    ({ spec }) => {
      spec.template.spec.containers[0].image = 'web:2';
    },
    'spec.template.spec.containers[{"name":"main"}].image',
  ],
  [
    'an item of an atomic list added by hand',
    ({ spec }) => {
      spec.template.spec.containers[0].args = ['serve', '--fast', 'x'];
    },
    'spec.template.spec.containers[{"name":"main"}].args',
  ],
  [
    'a container deleted by hand',
    ({ spec }) => {
      spec.template.spec = { ...spec.template.spec, containers: [{}] };
    },
    'spec.template.spec.containers[{"name":"main"}]',
  ],
  [
    'a label removed by hand',
    ({ metadata }) => {
      metadata.labels = {};
    },
    'metadata.labels.app',
  ],
  [
    'a limit changed to another amount',
    ({ spec }) => {
      spec.template.spec.containers[0].resources = { limits: { cpu: '501m', memory: '1Gi' } };
    },
    'spec.template.spec.containers[{"name":"main"}].resources.limits.cpu',
  ],
  [
    'a new field that we desire',
    (_, desired) => {
      desired.spec.template.spec.priorityClassName = 'high';
    },
    'spec.template.spec.priorityClassName',
  ],
  [
    'a field that we no longer desire',
    (_, desired) => {
      delete desired.spec.template.spec.nodeSelector;
    },
    'spec.template.spec.nodeSelector',
  ],
  [
    'a container that we no longer desire',
    (_, desired) => {
      desired.spec.template.spec = { ...desired.spec.template.spec, containers: [{}] };
    },
    'spec.template.spec.containers[{"name":"main"}].name',
  ],
  [
    'a field whose ownership another manager took',
    ({ metadata }) => {
      const fields = metadata.managedFields?.[1]?.fieldsV1 as {
        'f:spec': { 'f:template': { 'f:spec': Record<string, unknown> } };
      };
      delete fields['f:spec']['f:template']['f:spec']['f:nodeSelector'];
    },
    'spec.template.spec.nodeSelector',
  ],
  [
    'an object that we never applied',
    ({ metadata }) => {
      metadata.managedFields = metadata.managedFields?.slice(0, 1) ?? [];
    },
    'metadata.managedFields',
  ],
];

describe('comparing a live object with the desired one', () => {
  test('[operator.no-hot-loop] defaults, rewritten quantities, dropped empty values and the fields of others need no write', () => {
    expect(firstDifference(live(), manifest, manager)).toBeUndefined();
  });

  test.each(drifts)('%s needs a write', (_name, change, path) => {
    const object = live();
    const desired = structuredClone(manifest) as Parameters<Change>[1];
    change(object, desired);
    expect(firstDifference(object, desired, manager)).toBe(path);
  });

  test('a port named twice, by TCP and UDP, is compared with its own counterpart', () => {
    const fields = {
      'f:spec': {
        'f:ports': {
          'k:{"port":53,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:name': {} },
          'k:{"port":53,"protocol":"UDP"}': { '.': {}, 'f:port': {}, 'f:protocol': {}, 'f:name': {} },
        },
      },
    };
    const desired: Manifest<Thing> = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'dns' },
      spec: {
        ports: [
          { port: 53, name: 'tcp' },
          { port: 53, name: 'udp', protocol: 'UDP' },
        ],
      },
    };
    const object: Live<Thing> = {
      ...structuredClone(desired),
      metadata: {
        name: 'dns',
        uid: 'u',
        resourceVersion: '1',
        managedFields: [{ manager, operation: 'Apply', apiVersion: 'v1', fieldsV1: fields }],
      },
      spec: {
        ports: [
          { port: 53, name: 'udp', protocol: 'UDP' },
          { port: 53, name: 'tcp', protocol: 'TCP' },
        ],
      },
    };
    expect(firstDifference(object, desired, manager)).toBeUndefined();
  });

  test('a finalizer, which is a member of a set, is found whatever its place', () => {
    const fields = { 'f:metadata': { 'f:finalizers': { '.': {}, 'v:"a/b"': {} } } };
    const desired: Manifest<Thing> = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', finalizers: ['a/b'] },
    };
    const object: Live<Thing> = {
      ...desired,
      metadata: {
        name: 'c',
        uid: 'u',
        resourceVersion: '1',
        finalizers: ['x/y', 'a/b'],
        managedFields: [{ manager, operation: 'Apply', apiVersion: 'v1', fieldsV1: fields }],
      },
    };
    expect(firstDifference(object, desired, manager)).toBeUndefined();
  });
});

describe('the hash of a manifest', () => {
  test('is the same for another order of keys and for fields that are undefined or null', () => {
    const reordered = {
      ...manifest,
      status: undefined,
      extra: null,
      metadata: { labels: { app: 'web' }, name: 'web', namespace: 'ns' },
    };
    expect(hashOf(reordered)).toBe(hashOf(manifest));
  });

  test('changes when a key leaves a map that is atomic to the server', () => {
    const before = { ...manifest, spec: { selector: { a: '1', b: '2' } } };
    const after = { ...manifest, spec: { selector: { a: '1' } } };
    expect(hashOf(after)).not.toBe(hashOf(before));
  });

  test('stands in the annotation and does not count itself', () => {
    const hashed = withHash(manifest, 'example.com/hash');
    expect(hashed.metadata.annotations).toEqual({ 'example.com/hash': hashOf(manifest) });
    expect(manifest.metadata.annotations).toBeUndefined();
  });
});

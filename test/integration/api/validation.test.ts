/** Proves that the API server takes the CRDs, fills in defaults, and refuses each wrong resource with words on what to write instead. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../../hack/cluster/api-only.ts';
import { objectSchema, type SchemaNode } from '../../../operator/src/api/crd.ts';
import { backupKind, kinds, restoreKind, serverKind } from '../../../operator/src/api/kinds.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import type { KubernetesObject, ResourceType } from '../../../operator/src/runtime/resource.ts';
import { customResourceDefinitions, namespaces } from '../../../operator/src/runtime/resources.ts';
import { clientFor, installCrds } from '../server/harness.ts';

let api: ApiServer;
let client: Client;
const namespace = 'validation';

beforeAll(async () => {
  api = await startApiServer({ name: 'validation' });
  client = clientFor(api, 'test');
  await installCrds(client);
  await client.create(namespaces, { metadata: { name: namespace } });
});

afterAll(async () => {
  await client?.close();
  await api?.stop();
});

type Custom = KubernetesObject & { spec: Record<string, unknown>; status?: object };
const typeOf = ({ kind, plural }: { kind: string; plural: string }): ResourceType<Custom> => ({
  group: 'codesage.dev',
  version: 'v1alpha1',
  kind,
  plural,
  namespaced: true,
});
const servers = typeOf(serverKind);
const backups = typeOf(backupKind);
const restores = typeOf(restoreKind);

let counter = 0;
function create(type: ResourceType<Custom>, spec: object, name?: string) {
  counter += 1;
  return client.create(type, { metadata: { namespace, name: name ?? `c${counter}` }, spec: spec as Custom['spec'] });
}

const git = (change: object = {}) => ({ name: 'code', git: { url: 'https://git.example.com/code.git', ...change } });
const base = { sources: [git()] };
const server = (change: object) => ({ ...base, ...change });
const source = (change: object) => ({ sources: [{ ...git(), ...change }] });
const gitSource = (change: object) => ({ sources: [git(change)] });
const login = (change: object) => ({
  mode: 'OIDC',
  oidc: { issuerURL: 'https://id.example.com', audience: 'https://code.example.com/mcp', ...change },
});
const serverRef = { name: 'demo' };
const s3 = { objectStore: { url: 's3://bucket/prefix' } };

/** Kind, what is wrong, the spec, and part of the answer. Together they meet every CEL rule. */
const refused: [ResourceType<Custom>, string, object, string][] = [
  [servers, 'no source', server({ sources: [] }), 'needs at least one source: write for example'],
  [servers, 'sources left out', {}, 'spec.sources: Required value'],
  [servers, 'two sources of one name', { sources: [git(), git()] }, 'Duplicate value: {"name":"code"}'],
  [servers, 'a source without git and volume', { sources: [{ name: 'code' }] }, 'needs exactly one of git and volume'],
  [
    servers,
    'a source with git and volume',
    source({ volume: { claimName: 'a' } }),
    'needs exactly one of git and volume',
  ],
  [
    servers,
    'a source name with capitals',
    source({ name: 'My_Code' }),
    'must be lower-case letters, digits and dashes, beginning and ending',
  ],
  [servers, 'a source name that is too long', source({ name: 'a'.repeat(64) }), 'may not be more than 63'],
  [
    servers,
    'a URL without scheme',
    gitSource({ url: 'example.com/code' }),
    'must be a clone URL: write https://host/path',
  ],
  [
    servers,
    'a URL with a password',
    gitSource({ url: 'https://me:secret@example.com/code' }),
    'must not hold credentials: put username and password into a Secret',
  ],
  [
    servers,
    'an ssh URL with a password',
    gitSource({ url: 'ssh://me:secret@example.com/code' }),
    'must not hold credentials: put username and password into a Secret',
  ],
  [servers, 'a ref that is an option', gitSource({ ref: '--upload-pack=x' }), 'must be a branch, tag or commit'],
  [servers, 'a ref with a space', gitSource({ ref: 'a b' }), 'must be a branch, tag or commit'],
  [
    servers,
    'an interval without unit',
    gitSource({ interval: '5' }),
    'must be a duration: write for example 30s, 5m or 1h30m',
  ],
  [servers, 'an interval that is too short', gitSource({ interval: '1s' }), 'must be between 5s and 720h'],
  [servers, 'a negative depth', gitSource({ depth: -1 }), 'should be greater than or equal to 0'],
  [
    servers,
    'a path that leaves the volume',
    { sources: [{ name: 'code', volume: { claimName: 'a', subPath: 'a/../../b' } }] },
    'must be a relative path inside the volume',
  ],
  [
    servers,
    'an absolute path in the volume',
    { sources: [{ name: 'code', volume: { claimName: 'a', subPath: '/b' } }] },
    'must be a relative path inside the volume',
  ],
  [
    servers,
    'a file size that is no quantity',
    source({ maxFileSize: 'big' }),
    'must be a Kubernetes quantity: write for example 1Mi',
  ],
  [servers, 'a file size of zero', source({ maxFileSize: 0 }), 'must be more than zero: write for example 1Mi'],
  [
    servers,
    'two replicas',
    server({ replicas: 2 }),
    'more than one replica is not supported by this version: write 0 or 1',
  ],
  [servers, 'fewer than no replicas', server({ replicas: -1 }), 'should be greater than or equal to 0'],
  [servers, 'a digest that is none', server({ image: { digest: 'latest' } }), 'must be a digest: write sha256:'],
  [
    servers,
    'a pull policy that is none',
    server({ image: { pullPolicy: 'Sometimes' } }),
    'supported values: "Always", "IfNotPresent", "Never"',
  ],
  [
    servers,
    'a chunk size that is too small',
    server({ indexing: { chunkSizeTokens: 1 } }),
    'should be greater than or equal to 50',
  ],
  [
    servers,
    '[embedding.settings] transformers without a model',
    server({ embedding: { provider: 'transformers' } }),
    'transformers needs a model: write model: owner/name, or modelVolume',
  ],
  [
    servers,
    '[embedding.settings] a model for the built-in provider',
    server({ embedding: { model: 'acme/tiny' } }),
    'a model of your own needs provider: transformers',
  ],
  [
    servers,
    '[embedding.settings] fetching what is mounted',
    server({
      embedding: { provider: 'transformers', modelVolume: { claimName: 'models' }, allowRemoteModels: true },
    }),
    'allowRemoteModels needs model: owner/name and no modelVolume',
  ],
  [
    servers,
    '[embedding.settings] a model that is an address',
    server({ embedding: { provider: 'transformers', model: 'https://example.com/model' } }),
    'must be a name, or an owner and a name',
  ],
  [
    servers,
    'a storage size that is no quantity',
    server({ storage: { size: 'ten' } }),
    'must be a Kubernetes quantity: write for example 10Gi',
  ],
  [
    servers,
    'a storage size that is too small',
    server({ storage: { size: '1Mi' } }),
    'must be at least 64Mi: write for example 10Gi',
  ],
  [
    servers,
    'a claim and a class',
    server({ storage: { existingClaim: 'a', storageClassName: 'b' } }),
    'set only one of existingClaim and storageClassName',
  ],
  [
    servers,
    'an access mode that pods cannot write with',
    server({ storage: { accessModes: ['ReadOnlyMany'] } }),
    'supported values: "ReadWriteOnce"',
  ],
  [
    servers,
    'a similarity that is none',
    server({ cache: { similarityThreshold: 0.1 } }),
    'greater than or equal to 0.5',
  ],
  [servers, 'an age without unit', server({ cache: { maxAge: '30' } }), 'must be a duration'],
  [servers, 'an age that is too short', server({ cache: { maxAge: '5s' } }), 'must be at least 1m'],
  [servers, 'a negative cache', server({ cache: { search: -1 } }), 'should be greater than or equal to 0'],
  [
    servers,
    'a CPU request that is no quantity',
    server({ resources: { requests: { cpu: 'half' } } }),
    'must be a Kubernetes quantity: write for example 250m',
  ],
  [
    servers,
    'a memory request that is no quantity',
    server({ resources: { requests: { memory: '1GB!' } } }),
    'must be a Kubernetes quantity: write for example 512Mi',
  ],
  [
    servers,
    'local storage that is no quantity',
    server({ resources: { requests: { 'ephemeral-storage': 'x' } } }),
    'must be a Kubernetes quantity: write for example 1Gi',
  ],
  [
    servers,
    'a CPU limit that is no quantity',
    server({ resources: { limits: { cpu: 'x' } } }),
    'must be a Kubernetes quantity: write for example 2',
  ],
  [
    servers,
    'a memory limit that is no quantity',
    server({ resources: { limits: { memory: 'x' } } }),
    'must be a Kubernetes quantity: write for example 2Gi',
  ],
  [
    servers,
    'too little memory',
    server({ resources: { requests: { memory: '64Mi' }, limits: { memory: '128Mi' } } }),
    'must be at least 256Mi: the server does not start with less',
  ],
  [
    servers,
    'a memory request over the limit',
    server({ resources: { requests: { memory: '3Gi' } } }),
    'requests.memory must not be more than limits.memory',
  ],
  [
    servers,
    'a CPU request over the limit',
    server({ resources: { limits: { cpu: '100m' } } }),
    'requests.cpu must not be more than limits.cpu',
  ],
  [
    servers,
    'an origin with a path',
    server({ auth: { allowedOrigins: ['https://a.example.com/app'] } }),
    'must be an origin, scheme and host without a path',
  ],
  [
    servers,
    'tokens without a Secret',
    server({ auth: { mode: 'Token' } }),
    'mode Token needs tokenSecretRef: write the name of a Secret',
  ],
  [servers, 'logins without a provider', server({ auth: { mode: 'OIDC' } }), 'mode OIDC needs oidc: write issuerURL'],
  [
    servers,
    'grants beside scopes',
    server({ auth: { grants: [{ name: 'ci', codebases: ['code'] }], ...login({ codebaseScopePrefix: 'codebase:' }) } }),
    'either grants or oidc.codebaseScopePrefix decides what a client may see',
  ],
  ...[
    'http://id.example.com',
    'https://',
    'http://id.example.com?.svc/',
    'https://id.example.com:99999',
    'https://a b',
  ].map((issuerURL): [ResourceType<Custom>, string, object, string] => [
    servers,
    `the provider ${issuerURL}`,
    server({ auth: login({ issuerURL }) }),
    'must be an https:// URL (http:// only for services of the cluster, *.svc)',
  ]),
  [
    servers,
    'a scope with a space',
    server({ auth: login({ requiredScopes: ['read write'] }) }),
    'must be a scope: it has no spaces, quotes or backslashes',
  ],
  ...['https://key@gateway.example.com', 'https://gateway.example.com:99999/v1'].map(
    (baseURL): [ResourceType<Custom>, string, object, string] => [
      servers,
      `the gateway ${baseURL}`,
      server({ llm: { providers: [{ name: 'openai', apiKeySecretRef: { name: 'key' }, baseURL }] } }),
      'must be an http(s) URL without credentials',
    ],
  ),
  [servers, 'a port that is none', server({ service: { port: 70000 } }), 'should be less than or equal to 65535'],
  [
    servers,
    'a node port without node',
    server({ service: { nodePort: 30000 } }),
    'nodePort needs type NodePort or LoadBalancer',
  ],
  [
    servers,
    'a host with a scheme',
    server({ ingress: { host: 'https://a.example.com' } }),
    'must be a host name without scheme, port and path',
  ],
  [
    servers,
    'a path with a slash at its end',
    server({ ingress: { path: '/a/' } }),
    'must be / or a path such as /my-project',
  ],
  [
    servers,
    'a certificate for no host',
    server({ ingress: { tls: {} } }),
    'tls needs host: write the host name that the certificate is for',
  ],
  [
    servers,
    'a variable that is none',
    server({ podTemplate: { extraEnv: [{ name: 'a b' }] } }),
    'must be the name of an environment variable',
  ],
  [
    servers,
    'a variable that derives from the spec',
    server({ podTemplate: { extraEnv: [{ name: 'MAX_MEMORY_MB', value: '1' }] } }),
    'derives from the spec: set resources.limits.memory for MAX_MEMORY_MB',
  ],
  [
    servers,
    'a volume of the operator',
    server({ podTemplate: { extraVolumes: [{ name: 'data', emptyDir: {} }] } }),
    'is the name of a volume of the operator',
  ],
  [
    servers,
    'a mount over the index',
    server({ podTemplate: { extraVolumeMounts: [{ name: 'a', mountPath: '/app/.codesage/index' }] } }),
    'must be an absolute path that the server does not use itself',
  ],
  [
    servers,
    'a log level that is none',
    server({ logging: { level: 'loud' } }),
    'supported values: "debug", "info", "warn", "error"',
  ],
  [backups, 'a backup of nothing', {}, 'spec.serverRef: Required value'],
  [
    backups,
    'a destination that is none',
    { serverRef, destination: {} },
    'needs exactly one of volume and objectStore',
  ],
  [
    backups,
    'a volume that is none',
    { serverRef, destination: { volume: {} } },
    'needs exactly one of claimName and size',
  ],
  [
    backups,
    'a volume size that is no quantity',
    { serverRef, destination: { volume: { size: 'x' } } },
    'must be a Kubernetes quantity: write for example 20Gi',
  ],
  [
    backups,
    'a bucket that is none',
    { serverRef, destination: { objectStore: { url: 'https://bucket' } } },
    'must be a bucket and a prefix: write s3://bucket/prefix',
  ],
  [
    backups,
    'an endpoint without scheme',
    { serverRef, destination: { objectStore: { url: 's3://b/', endpoint: 'minio' } } },
    'must be a base URL: write for example https://minio.example.com',
  ],
  [restores, 'a restore of nothing', { serverRef }, 'needs exactly one of backupRef and snapshot'],
  [
    restores,
    'a restore of two',
    { serverRef, backupRef: { name: 'a' }, snapshot: { name: 'b', destination: s3 } },
    'needs exactly one of backupRef and snapshot',
  ],
  [
    restores,
    'a scope that is none',
    { serverRef, backupRef: { name: 'a' }, scope: 'Half' },
    'supported values: "All", "Index", "Cache"',
  ],
];

/** What is there, what it may not become, and part of the answer. */
const immutable: [ResourceType<Custom>, string, object, object, string][] = [
  [
    servers,
    'a smaller volume',
    server({ storage: { size: '2Gi' } }),
    { storage: { size: '1Gi' } },
    'can grow but not shrink: write at least the present size',
  ],
  [
    servers,
    'another class',
    server({ storage: { storageClassName: 'a' } }),
    { storage: { storageClassName: 'b' } },
    'storageClassName cannot be changed',
  ],
  [
    servers,
    'a class where there was none',
    base,
    { storage: { storageClassName: 'b' } },
    'storageClassName cannot be changed',
  ],
  [
    servers,
    'another claim',
    server({ storage: { existingClaim: 'a' } }),
    { storage: { existingClaim: 'b' } },
    'existingClaim cannot be changed',
  ],
  [
    servers,
    'other access modes',
    base,
    { storage: { accessModes: ['ReadWriteMany'] } },
    'accessModes cannot be changed',
  ],
  [
    backups,
    'another backup',
    { serverRef },
    { verify: false },
    'a backup cannot be changed: create another CodeSageBackup',
  ],
  [
    restores,
    'another restore',
    { serverRef, backupRef: { name: 'a' } },
    { scope: 'Cache' },
    'a restore cannot be changed: create another CodeSageRestore',
  ],
];

/** Rows with a title before them. */
function titled<Row extends [ResourceType<Custom>, string, ...unknown[]]>(rows: Row[]): [string, ...Row][] {
  return rows.map((row) => [`${row[0].kind}: ${row[1]}`, ...row]);
}

const badNames = [
  ['with a dot', 'a.b'],
  ['beginning with a digit', '1a'],
  ['too long for its Services', 'a'.repeat(51)],
] as const;
const nameMessage = 'metadata.name also names the Service: write at most 50';

test.each(titled(refused))('[api.validation] %s', async (what, type, _what, spec, says) => {
  await expect(create(type, spec), what).rejects.toMatchObject({
    code: 'Invalid',
    message: expect.stringContaining(says),
  });
});

test.each(titled(immutable))(
  '[api.validation] [api.storage-grows] %s',
  async (_title, type, _what, before, change, says) => {
    const { metadata } = await create(type, before);
    await expect(client.mergePatch(type, { namespace, name: metadata.name }, { spec: change })).rejects.toMatchObject({
      code: 'Invalid',
      message: expect.stringContaining(says),
    });
  },
);

test.each(badNames)('[api.validation] a name %s', async (_what, name) => {
  await expect(create(servers, base, name)).rejects.toMatchObject({
    code: 'Invalid',
    message: expect.stringContaining(nameMessage),
  });
});

test('[api.validation] kubectl scale beyond one is refused with the same words', async () => {
  const { metadata } = await create(servers, base);
  const scale = client.mergePatch(
    servers,
    { namespace, name: metadata.name },
    { spec: { replicas: 3 } },
    { subresource: 'scale' },
  );
  await expect(scale).rejects.toMatchObject({ code: 'Invalid', message: expect.stringContaining('write 0 or 1') });
});

function rulesBelow(node: SchemaNode): string[] {
  const below = [...Object.values(node.properties ?? {}), ...(node.items ? [node.items] : [])];
  return [...(node['x-kubernetes-validations'] ?? []).map(({ message }) => message), ...below.flatMap(rulesBelow)];
}

test.each(kinds)('[api.validation] every rule of $kind is met by a test', (kind) => {
  const says = [...refused.map((entry) => entry[3]), ...immutable.map((entry) => entry[4]), nameMessage];
  expect(rulesBelow(objectSchema(kind)).filter((message) => !says.some((part) => message.includes(part)))).toEqual([]);
});

/** Specs on the right side of the rules. */
const accepted: [string, object][] = [
  ['the smallest', base],
  [
    'short git form, days long interval',
    gitSource({ url: 'git@example.com:a/b.git', interval: '24h', ref: 'v1.0', depth: 0 }),
  ],
  ['an ssh URL with a user and a port', gitSource({ url: 'ssh://git@example.com:2222/a/b.git' })],
  ['an absolute path', gitSource({ url: '/srv/git/code.git' })],
  ['a volume', { sources: [{ name: 'code', volume: { claimName: 'a', subPath: 'b/..c' } }] }],
  [
    'whole numbers as quantities',
    server({ resources: { requests: { cpu: 1, memory: 268435456 }, limits: { cpu: 2, memory: '1e9' } } }),
  ],
  ['no pods', server({ replicas: 0 })],
  ['a provider of the cluster', server({ auth: login({ issuerURL: 'http://dex.login.svc.cluster.local:5556/dex' }) })],
  ['a provider by https', server({ auth: login({ issuerURL: 'https://id.example.com:8443/realms/dev' }) })],
  ['an ingress without host', server({ ingress: { path: '/my-project' } })],
  ['an ingress for many hosts', server({ ingress: { host: '*.example.com', tls: {} } })],
  ['a node port', server({ service: { type: 'NodePort', nodePort: 30000 } })],
  [
    'a pod with everything',
    server({
      scheduling: {
        affinity: { podAntiAffinity: {} },
        tolerations: [{ operator: 'Exists' }],
        topologySpreadConstraints: [{ maxSkew: 1 }],
      },
      podTemplate: {
        extraVolumes: [{ name: 'extra', emptyDir: {} }],
        extraVolumeMounts: [{ name: 'extra', mountPath: '/mnt/x' }],
        extraEnv: [{ name: 'HTTP_PROXY', value: 'x' }],
      },
    }),
  ],
];

test.each(accepted)('[api.structural] accepted: %s', async (_what, spec) => {
  const { spec: stored } = await create(servers, spec);
  expect(stored).toMatchObject({
    replicas: expect.any(Number),
    storage: { size: '10Gi', reclaimPolicy: 'Retain' },
    cache: { embedding: 5000 },
  });
});

describe('[api.no-effectless-field] fields of later work are refused instead of ignored', () => {
  const later = [
    'autoscaling',
    'gateway',
    'backup',
    'bootstrap',
    'monitoring',
    'selfHealing',
    'networkPolicy',
    'podDisruptionBudget',
  ];
  test.each(later)('%s', async (name) => {
    await expect(create(servers, server({ [name]: {} }))).rejects.toMatchObject({
      message: expect.stringContaining(`unknown field "spec.${name}"`),
    });
  });
});

test.each(kinds)(
  '[api.structural] $kind is served as structural, with status, category and short name',
  async (kind) => {
    const crd = await client.get(customResourceDefinitions, { name: `${kind.plural}.codesage.dev` });
    const conditions = Object.fromEntries((crd.status?.conditions ?? []).map(({ type, status }) => [type, status]));
    expect(conditions).toMatchObject({ NamesAccepted: 'True', Established: 'True' });
    expect(conditions.NonStructuralSchema).toBeUndefined();
    expect(crd.status?.acceptedNames).toMatchObject({ categories: ['codesage'], shortNames: [kind.shortName] });
    expect(crd.spec.versions[0]?.subresources).toHaveProperty('status');
  },
);

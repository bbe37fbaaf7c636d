import { join } from 'node:path';
import { paths, ports, serverConfigSchema } from '@codesage/server/contract';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { normalise } from '../../runtime/desired.ts';
import { claimOf, inputOf, type SpecChange, serverOf } from '../testing/observed.ts';
import { buildClaim } from './claim.ts';
import { buildServerConfig } from './config.ts';
import { configHash } from './config-hash.ts';
import { buildDesired } from './desired.ts';
import { imageOf } from './image.ts';
import type { DesiredInput } from './input.ts';

const full: SpecChange = {
  sources: [
    {
      name: 'app',
      git: {
        url: 'git@git.example.com:team/app.git',
        ref: 'main',
        interval: '1h30m',
        depth: 0,
        submodules: true,
        secretRef: { name: 'deploy-key' },
        caSecretRef: { name: 'ca' },
      },
      include: ['src/**'],
      exclude: ['**/*.min.js'],
      maxFileSize: '512Ki',
    },
    { name: 'docs', volume: { claimName: 'docs', subPath: 'public' } },
    { name: 'absent', volume: { claimName: 'absent' } },
  ],
  indexing: { chunkSizeTokens: 500, incremental: false, concurrency: 2 },
  storage: { size: '20Gi', storageClassName: 'fast', reclaimPolicy: 'Delete' },
  cache: {
    embedding: 8000,
    search: 1500,
    file: 0,
    similarityThreshold: 0.95,
    persistence: false,
    warming: false,
    maxAge: '12h30m',
  },
  resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { cpu: '2', memory: '4Gi' } },
  auth: {
    mode: 'Token',
    tokenSecretRef: { name: 'clients' },
    grants: [{ name: 'ci', codebases: ['docs'] }],
    audit: { arguments: true },
    allowedOrigins: ['https://chat.example.com'],
  },
  llm: {
    providers: [
      { name: 'groq', apiKeySecretRef: { name: 'models', key: 'groq' }, defaultModel: 'llama-3.3-70b-versatile' },
      { name: 'openai', apiKeySecretRef: { name: 'openai' }, baseURL: 'https://gateway.example.com/v1' },
    ],
    timeoutSeconds: 20,
    maxRetries: 1,
    allowKeysFromRequests: true,
  },
  service: { type: 'NodePort', port: 80, nodePort: 30080, annotations: { a: 'b' } },
  ingress: {
    className: 'traefik',
    host: 'code.example.com',
    path: '/team',
    tls: { secretName: 'cert' },
    annotations: { c: 'd' },
  },
  scheduling: { nodeSelector: { disk: 'ssd' }, tolerations: [{ operator: 'Exists' }], priorityClassName: 'high' },
  podTemplate: {
    labels: { team: 'a', 'app.kubernetes.io/managed-by': 'nobody' },
    annotations: { note: 'x' },
    extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy' }],
    extraVolumes: [{ name: 'extra', emptyDir: {} }],
    extraVolumeMounts: [{ name: 'extra', mountPath: '/mnt/extra' }],
  },
  serviceAccountName: 'reader',
  image: {
    repository: 'registry.example.com/server',
    digest: `sha256:${'a'.repeat(64)}`,
    pullPolicy: 'Always',
    pullSecrets: [{ name: 'pull' }],
  },
  logging: { level: 'debug', format: 'text' },
};
const oidc: SpecChange['auth'] = {
  mode: 'OIDC',
  oidc: {
    issuerURL: 'https://login.example.com',
    audience: 'https://code.example.com/mcp',
    requiredScopes: ['code.read'],
    caSecretRef: { name: 'oidc-ca' },
    codebaseScopePrefix: 'codebase:',
  },
};
const fullInput = inputOf(full, { secretDigests: { 'deploy-key': 'd1', ca: 'd2' }, presentClaims: new Set(['docs']) });

const cases: [string, DesiredInput][] = [
  ['smallest', inputOf()],
  ['full', fullInput],
  ['suspended', inputOf({ suspend: true })],
  [
    'oidc',
    inputOf({ auth: oidc, ingress: { host: 'code.example.com', tls: {} } }, { secretDigests: { 'oidc-ca': 'd1' } }),
  ],
  ['existing-claim', inputOf({ storage: { existingClaim: 'mine' } })],
];

describe('[operator.children] the children of a server, word for word', () => {
  test.each(cases)('%s', async (name, input) => {
    const children = Object.values(buildDesired(input)).filter((child) => child !== undefined);
    const text = children
      .map((child) => stringify(normalise(child), { lineWidth: 0, aliasDuplicateObjects: false }))
      .join('---\n');
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'golden', `${name}.yaml`));
  });

  test.each(cases)('%s: building twice gives the same', (_name, input) => {
    expect(buildDesired(input)).toEqual(buildDesired(input));
  });
});

test('[cache.settings] every setting of the caches reaches the server', () => {
  expect(buildServerConfig(fullInput).cache).toEqual({
    embedding: 8000,
    search: 1500,
    file: 0,
    similarityThreshold: 0.95,
    persistence: false,
    warming: false,
    maxAgeSeconds: 45_000,
  });
});

test('[runbook-5.1] [runbook-7.2] every cache size and the memory limit reach the server', () => {
  const config = buildServerConfig(fullInput);
  expect(config).toMatchObject({ cache: { embedding: 8000, search: 1500, file: 0 }, memory: { maxMB: 4096 } });
  const env = buildDesired(fullInput).deployment.spec?.template.spec?.containers[0]?.env;
  expect(env).toContainEqual({ name: 'MAX_MEMORY_MB', value: '4096' });
});

test('[runbook-5.2] the reindex annotation reaches the server', () => {
  const server = serverOf({}, { annotations: { 'codesage.dev/reindex': '7' } });
  expect(buildServerConfig({ server }).indexing.reindex).toBe('7');
});

test('[operator.access] who may call, and which models are asked, reach the server; tokens and keys are not in its configuration', () => {
  const config = buildServerConfig(fullInput);
  expect(config.auth).toMatchObject({
    mode: 'Token',
    grants: [{ name: 'ci', codebases: ['docs'] }],
    resourceURL: 'https://code.example.com/team/mcp',
    audit: { enabled: true, arguments: true },
  });
  expect(config.llm).toEqual({
    providers: [
      { name: 'groq', apiKeyFile: `${paths.llmKeys}/groq/api-key`, defaultModel: 'llama-3.3-70b-versatile' },
      { name: 'openai', apiKeyFile: `${paths.llmKeys}/openai/api-key`, baseURL: 'https://gateway.example.com/v1' },
    ],
    timeoutSeconds: 20,
    maxRetries: 1,
    allowKeysFromRequests: true,
  });
  const server = serverOf({ auth: oidc });
  expect(buildServerConfig({ server }).auth).toMatchObject({
    mode: 'OIDC',
    oidc: { codebaseScopePrefix: 'codebase:', caFile: `${paths.certificateAuthorities}/_oidc/ca.crt` },
  });
});

test('[operator.access] clients behind an Ingress are told apart by what it says of them', () => {
  const proxies = (change: SpecChange) => buildServerConfig({ server: serverOf(change) }).limits.trustedProxies;
  expect(proxies({})).toEqual(['loopback']);
  expect(proxies({ ingress: {} })).toEqual(['loopback', 'uniquelocal']);
});

test('[operator.access] a new token or model key rolls no pod, a new certificate of the provider does', () => {
  const change: SpecChange = { auth: { mode: 'Token', tokenSecretRef: { name: 'clients' } }, llm: full.llm };
  const hashes = (spec: SpecChange, secret: string) =>
    ['1', '2'].map((digest) => configHash(inputOf(spec, { secretDigests: { [secret]: digest } })));
  for (const secret of ['clients', 'models', 'openai']) expect(new Set(hashes(change, secret)).size).toBe(1);
  expect(new Set(hashes({ auth: oidc }, 'oidc-ca')).size).toBe(2);
});

test('the configuration file is what the server parses', () => {
  const text = buildDesired(fullInput).configMap.data?.['config.yaml'] ?? '';
  const config = serverConfigSchema.parse(parse(text));
  expect(config).toEqual(buildServerConfig(fullInput));
  expect(config.sources[0]?.git).toMatchObject({
    url: 'ssh://git@git.example.com/team/app.git',
    intervalSeconds: 5400,
    credentialsDirectory: `${paths.credentials}/app`,
    caFile: `${paths.certificateAuthorities}/app/ca.crt`,
  });
});

test('[operator.restricted-pods] pods pass the restricted Pod Security standard with a read-only root and no token', () => {
  const pod = buildDesired(fullInput).deployment.spec?.template.spec;
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  });
  for (const container of pod?.containers ?? []) {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  }
});

test('[runbook-10.2] only the MCP port is behind the Service that clients and the ingress use', () => {
  const { service, ingress } = buildDesired(fullInput);
  expect(service.spec?.ports?.map(({ targetPort }) => targetPort)).toEqual(['http']);
  expect(ingress?.spec?.rules?.[0]?.http?.paths[0]?.backend.service).toEqual({ name: 'demo', port: { name: 'http' } });
  const named = buildDesired(fullInput).deployment.spec?.template.spec?.containers[0]?.ports;
  expect(named).toContainEqual({ name: 'http', containerPort: ports.http, protocol: 'TCP' });
});

describe('[operator.config-rollout] the hash on the pod template', () => {
  const hash = (change: SpecChange = {}, more: Partial<DesiredInput> = {}) => configHash(inputOf(change, more));
  const secretSource: SpecChange = { sources: [{ name: 'code', git: { url: 'https://x', secretRef: { name: 's' } } }] };
  const changing: [string, string][] = [
    ['a cache size', hash({ cache: { search: 1 } })],
    ['a source', hash({ sources: [{ name: 'code', git: { url: 'https://other' } }] })],
    ['the token', hash({}, { internalToken: 'other' })],
    ['the path of the ingress', hash({ ingress: { path: '/x' } })],
  ];
  test.each(changing)('changes with %s', (_what, changed) => expect(changed).not.toBe(hash()));
  test('changes with the content of a Secret that a source names', () => {
    expect(hash(secretSource, { secretDigests: { s: '1' } })).not.toBe(
      hash(secretSource, { secretDigests: { s: '2' } }),
    );
  });
  const same: [string, string][] = [
    ['a Secret that nothing names', hash({}, { secretDigests: { s: '2' } })],
    ['the size of the volume', hash({ storage: { size: '50Gi' } })],
    ['the Service', hash({ service: { port: 80 } })],
    ['suspension', hash({ suspend: true })],
  ];
  test.each(same)('stays with %s', (_what, unchanged) => expect(unchanged).toBe(hash()));
});

describe('[operator.retain-volume] the claim', () => {
  test('has no owner under Retain, and one under Delete', () => {
    expect(buildClaim(inputOf())?.metadata.ownerReferences).toBeUndefined();
    expect(buildClaim(inputOf({ storage: { reclaimPolicy: 'Delete' } }))?.metadata.ownerReferences).toHaveLength(1);
  });
  test('keeps the larger size, the class and the modes of a claim that is there already', () => {
    const claim = claimOf('Bound', '50Gi');
    expect(buildClaim(inputOf({ storage: { size: '10Gi', storageClassName: 'other' } }, { claim }))?.spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'standard',
      resources: { requests: { storage: '50Gi' } },
    });
  });
});

const images: [string, Parameters<typeof imageOf>[0], string, string][] = [
  ['nothing', { pullPolicy: 'Always' }, 'host:5000/server:1', 'host:5000/server:1'],
  ['a tag', { pullPolicy: 'Always', tag: '2' }, 'host:5000/server:1', 'host:5000/server:2'],
  ['a repository', { pullPolicy: 'Always', repository: 'mine' }, 'host:5000/server:1@sha256:f', 'mine:1'],
  [
    'a digest',
    { pullPolicy: 'Always', digest: 'sha256:a', tag: '2' },
    'host:5000/server:1',
    'host:5000/server@sha256:a',
  ],
  ['nothing, with a default by digest', { pullPolicy: 'Always' }, 'server@sha256:f', 'server@sha256:f'],
];
test.each(images)('the image of a spec with %s', (_what, image, fallback, expected) => {
  expect(imageOf(image, fallback)).toBe(expected);
});

test("[embedding.settings] a model of one's own is mounted and every setting of it reaches the server", () => {
  const embedding = {
    provider: 'transformers',
    model: 'acme/tiny',
    revision: 'v2',
    dtype: 'q8',
    modelVolume: { claimName: 'models', subPath: 'tiny' },
    pooling: 'cls',
    queryPrefix: 'query: ',
    documentPrefix: 'passage: ',
    maxTokens: 256,
    batchSize: 8,
    threads: 2,
  } as const;
  const input = inputOf({ embedding }, { presentClaims: new Set(['models']) });
  const { modelVolume, ...settings } = embedding;
  expect(buildServerConfig(input).embedding).toEqual({
    ...settings,
    modelDirectory: '/app/model',
    allowRemoteModels: false,
  });
  const pod = buildDesired(input).deployment.spec?.template.spec;
  expect(pod?.volumes).toContainEqual({
    name: 'model',
    persistentVolumeClaim: { claimName: modelVolume.claimName, readOnly: true },
  });
  expect(pod?.containers[0]?.volumeMounts).toContainEqual({
    name: 'model',
    mountPath: '/app/model',
    readOnly: true,
    subPath: 'tiny',
  });
  const without = buildDesired(inputOf({ embedding })).deployment.spec?.template.spec;
  expect(without?.volumes?.some(({ name }) => name === 'model')).toBe(false);
});

test('a source of the longest name still has a volume of a valid name', () => {
  const name = 'a'.repeat(63);
  const input = inputOf({ sources: [{ name, volume: { claimName: 'c' } }] }, { presentClaims: new Set(['c']) });
  const volumes = buildDesired(input).deployment.spec?.template.spec?.volumes ?? [];
  for (const volume of volumes) expect(volume.name.length).toBeLessThanOrEqual(63);
  expect(volumes.some((volume) => volume.persistentVolumeClaim?.claimName === 'c')).toBe(true);
});

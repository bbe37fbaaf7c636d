/** Decides what one can write in the spec of a CodeSageServer. A field stands here only if it has an effect. */
import { z } from 'zod';
import { field, nameReference, openObject, quantity, quantityRule, stringMap } from './schema.ts';

const image = z.object({
  repository: field(
    z.string().min(1).max(255).optional(),
    "Image without tag. Default: the server image of the operator's own version.",
  ),
  tag: field(z.string().min(1).max(128).optional(), "Tag. Default: the operator's own version."),
  digest: field(z.string().max(255).optional(), 'Digest such as sha256:…; takes precedence over the tag.', {
    rules: [
      {
        rule: "self.matches('^sha256:[0-9a-f]{64}$')",
        message: 'must be a digest: write sha256: and 64 hexadecimal digits',
      },
    ],
  }),
  pullPolicy: field(
    z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
    'When the kubelet pulls the image.',
  ),
  pullSecrets: field(
    z.array(nameReference('Secret of type kubernetes.io/dockerconfigjson')).max(20).optional(),
    'Secrets for a private registry.',
    { listMapKeys: ['name'] },
  ),
});

const git = z.object({
  url: field(
    z.string().min(1).max(2048),
    'Clone URL: https://, http://, ssh://, git:// or file://, the short form git@host:path, or an absolute path in the container.',
    {
      rules: [
        {
          rule: "self.matches('^(https?|ssh|git|file)://.+') || self.matches('^[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:.+') || self.startsWith('/')",
          message:
            'must be a clone URL: write https://host/path, ssh://user@host/path, git@host:path, git://, file:// or an absolute path',
        },
        {
          rule: "!self.matches('^https?://[^/]*@')",
          message: 'must not hold credentials: put username and password into a Secret and name it in secretRef',
        },
      ],
    },
  ),
  ref: field(
    z.string().min(1).max(255).optional(),
    "Branch, tag or commit to index. Default: the remote's default branch.",
    {
      rules: [
        {
          rule: "!self.startsWith('-') && !self.matches('\\\\s')",
          message: 'must be a branch, tag or commit: it has no spaces and does not begin with a dash',
        },
      ],
    },
  ),
  secretRef: field(
    nameReference('Secret').optional(),
    'Secret with username and password (or a token as password), or with ssh-privatekey and known_hosts.',
  ),
  caSecretRef: field(
    nameReference('Secret').optional(),
    'Secret whose key ca.crt holds the certificate authorities to trust for this remote.',
  ),
  interval: field(
    z.string().max(32).default('5m'),
    'Time between two looks at the remote, for example 30s, 5m or 1h30m.',
    {
      rules: [
        {
          rule: "self.matches('^([0-9]+(s|m|h))+$')",
          message: 'must be a duration: write for example 30s, 5m or 1h30m',
        },
        {
          rule: "!self.matches('^([0-9]+(s|m|h))+$') || (duration(self) >= duration('5s') && duration(self) <= duration('720h'))",
          message: 'must be between 5s and 720h: more often than every five seconds is hard on the remote',
        },
      ],
    },
  ),
  depth: field(z.int().min(0).max(1_000_000).default(1), 'Commits of history to fetch; 0 is all.'),
  submodules: field(z.boolean().default(false), 'Whether submodules are checked out and indexed too.'),
});

const volumeSource = z.object({
  claimName: field(
    z.string().min(1).max(253),
    'Name of a PersistentVolumeClaim of the same namespace; mounted read-only.',
  ),
  subPath: field(z.string().max(1024).optional(), 'Directory of the volume to index. Default: all of it.', {
    rules: [
      {
        rule: "!self.startsWith('/') && !self.split('/').exists(part, part == '..')",
        message: 'must be a relative path inside the volume: write it without a leading slash and without ..',
      },
    ],
  }),
});

const globs = (description: string) =>
  field(z.array(z.string().min(1).max(512)).max(100).optional(), description, { listType: 'atomic' });

export const source = z.object({
  name: field(z.string().min(1).max(63), "The codebase's name in every tool.", {
    rules: [
      {
        rule: "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        message:
          'must be lower-case letters, digits and dashes, beginning and ending with a letter or digit: write for example my-project',
      },
    ],
  }),
  git: field(git.optional(), 'A git repository that the server keeps in sync.'),
  volume: field(volumeSource.optional(), 'A directory of a volume, which the server only reads.'),
  include: globs('Globs; when any is given, only matching files are indexed.'),
  exclude: globs('Globs of files that are not indexed, beyond those of .gitignore and .codesageignore.'),
  maxFileSize: field(quantity().default('1Mi'), 'Larger files are skipped and counted.', {
    rules: [
      quantityRule('1Mi'),
      {
        rule: "!isQuantity(string(self)) || quantity(string(self)).isGreaterThan(quantity('0'))",
        message: 'must be more than zero: write for example 1Mi',
      },
    ],
  }),
});

const indexing = z.object({
  chunkSizeTokens: field(
    z.int().min(50).max(4000).default(750),
    'Upper limit of a chunk, in estimated tokens. A change indexes everything again.',
  ),
  incremental: field(z.boolean().default(true), 'False: every change of a source indexes all of its files again.'),
  concurrency: field(z.int().min(1).max(64).default(1), 'Worker threads that parse and embed.'),
});

const storageRules = [
  {
    rule: 'has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)',
    message:
      'storageClassName cannot be changed: create another CodeSageServer with the new class, and delete this one when that is Ready',
    fieldPath: '.storageClassName',
  },
  {
    rule: 'has(self.existingClaim) == has(oldSelf.existingClaim) && (!has(self.existingClaim) || self.existingClaim == oldSelf.existingClaim)',
    message:
      'existingClaim cannot be changed: create another CodeSageServer on the other claim, and delete this one when that is Ready',
    fieldPath: '.existingClaim',
  },
  {
    rule: 'self.accessModes == oldSelf.accessModes',
    message:
      'accessModes cannot be changed: create another CodeSageServer with the new modes, and delete this one when that is Ready',
    fieldPath: '.accessModes',
  },
  {
    rule: '!has(self.existingClaim) || !has(self.storageClassName)',
    message: 'set only one of existingClaim and storageClassName: an existing claim has its class already',
  },
];

const storage = z.object({
  size: field(quantity().default('10Gi'), 'Size of the index volume. It may grow, never shrink.', {
    rules: [
      quantityRule('10Gi'),
      {
        rule: "!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity('64Mi')) >= 0",
        message: 'must be at least 64Mi: write for example 10Gi',
      },
      {
        rule: '!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity(string(oldSelf))) >= 0',
        message:
          'can grow but not shrink: write at least the present size, or create another CodeSageServer with the smaller one',
      },
    ],
  }),
  storageClassName: field(
    z.string().min(1).max(253).optional(),
    "StorageClass of the volume. Default: the cluster's default class. Cannot be changed.",
  ),
  accessModes: field(
    z
      .array(z.enum(['ReadWriteOnce', 'ReadWriteMany', 'ReadWriteOncePod']))
      .min(1)
      .max(3)
      .default(['ReadWriteOnce']),
    'Access modes of the volume. Cannot be changed.',
    { listType: 'atomic' },
  ),
  existingClaim: field(
    z.string().min(1).max(253).optional(),
    'A PersistentVolumeClaim to use as it is, instead of making one; the operator never changes or deletes it. Cannot be changed.',
  ),
  reclaimPolicy: field(
    z.enum(['Retain', 'Delete']).default('Retain'),
    'What happens to the volume claim when the CodeSageServer is deleted. A kept claim is used again by a new resource of the same name.',
  ),
});

const entries = (fallback: number, description: string) =>
  field(z.int().min(0).max(10_000_000).default(fallback), description);
const cache = z.object({
  embedding: entries(5000, 'Entries of the embedding cache; 0 is off.'),
  search: entries(1000, 'Entries of the search cache; 0 is off.'),
  file: entries(100, 'Entries of the file cache; 0 is off.'),
});

const positive = (example: string) => ({ rules: [quantityRule(example)] });
const resources = z.object({
  requests: field(
    z
      .object({
        cpu: field(quantity().default('250m'), 'CPU to reserve.', positive('250m')),
        memory: field(quantity().default('512Mi'), 'Memory to reserve.', positive('512Mi')),
        'ephemeral-storage': field(
          quantity().optional(),
          'Local storage to reserve for logs and temporary files.',
          positive('1Gi'),
        ),
      })
      .prefault({}),
    'What a node must have free to take the pod.',
  ),
  limits: field(
    z
      .object({
        cpu: field(quantity().optional(), 'CPU that the pod can use at most. Default: no limit.', positive('2')),
        memory: field(
          quantity().default('2Gi'),
          'Memory that the pod can use at most. MAX_MEMORY_MB of the server derives from it.',
          {
            rules: [
              quantityRule('2Gi'),
              {
                rule: "!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity('256Mi')) >= 0",
                message: 'must be at least 256Mi: the server does not start with less; write for example 2Gi',
              },
            ],
          },
        ),
        'ephemeral-storage': field(
          quantity().optional(),
          'Local storage for logs and temporary files that the pod can use at most.',
          positive('1Gi'),
        ),
      })
      .prefault({}),
    'What the pod can use at most.',
  ),
});

const auth = z.object({
  allowedOrigins: field(
    z
      .array(
        field(z.string().max(512), 'An origin such as https://chat.example.com.', {
          rules: [
            {
              rule: "self.matches('^https?://[^/@\\\\s]+$')",
              message: 'must be an origin, scheme and host without a path: write for example https://chat.example.com',
            },
          ],
        }),
      )
      .max(100)
      .optional(),
    'Browser origins that may call the server; others are answered 403. Callers without an Origin header (IDEs, agents, curl) always pass.',
    { listType: 'atomic' },
  ),
});

const port = () => z.int().min(1).max(65535);
const service = z.object({
  type: field(z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']).default('ClusterIP'), 'How the Service is exposed.'),
  port: field(port().default(8000), 'Port of the Service.'),
  nodePort: field(
    port().optional(),
    'Port on every node, for type NodePort or LoadBalancer. Default: one that is free.',
  ),
  annotations: field(stringMap().optional(), 'Annotations of the Service.'),
});

const ingress = z.object({
  className: field(z.string().min(1).max(253).optional(), "IngressClass. Default: the cluster's default class."),
  host: field(z.string().min(1).max(253).optional(), 'Host name. Default: every host.', {
    rules: [
      {
        rule: "self.matches('^(\\\\*\\\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
        message: 'must be a host name without scheme, port and path: write for example codesage.example.com',
      },
    ],
  }),
  path: field(
    z.string().min(1).max(255).default('/'),
    'Path prefix under which the server answers, so that several share one host. MCP is at <path>/mcp.',
    {
      rules: [
        {
          rule: "self == '/' || self.matches('^(/[A-Za-z0-9._~-]+)+$')",
          message: 'must be / or a path such as /my-project, without a slash at its end',
        },
      ],
    },
  ),
  tls: field(
    z
      .object({
        secretName: field(
          z.string().min(1).max(253).optional(),
          "Secret of type kubernetes.io/tls. Default: the ingress controller's own certificate.",
        ),
      })
      .optional(),
    'Serve over TLS.',
  ),
  annotations: field(stringMap().optional(), 'Annotations of the Ingress, for example for cert-manager.'),
});

const toleration = z.object({
  key: field(z.string().max(317).optional(), 'Taint key. Default: all keys.'),
  operator: field(z.enum(['Exists', 'Equal']).optional(), 'How key and value are compared. Default: Equal.'),
  value: field(z.string().max(63).optional(), 'Taint value.'),
  effect: field(
    z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    'Taint effect. Default: all effects.',
  ),
  tolerationSeconds: field(z.int().min(0).optional(), 'How long a NoExecute taint is tolerated. Default: for ever.'),
});

const scheduling = z.object({
  nodeSelector: field(stringMap().optional(), 'Labels that a node must have.'),
  tolerations: field(z.array(toleration).max(50).optional(), 'Taints that the pod tolerates.', { listType: 'atomic' }),
  affinity: field(openObject().optional(), 'Affinity of the pod, as in a pod spec.'),
  topologySpreadConstraints: field(z.array(openObject()).max(20).optional(), 'How pods spread, as in a pod spec.', {
    listType: 'atomic',
  }),
  priorityClassName: field(z.string().min(1).max(253).optional(), 'Priority class of the pod.'),
});

const extraEnv = z.object({
  name: field(z.string().min(1).max(253), 'Name of the variable.', {
    rules: [
      {
        rule: "self.matches('^[A-Za-z_][A-Za-z0-9_]*$')",
        message: 'must be the name of an environment variable: write letters, digits and underscores',
      },
      {
        rule: "!self.startsWith('CODESAGE_') && !(self in ['MAX_MEMORY_MB', 'EMBEDDING_CACHE_SIZE', 'SEARCH_CACHE_SIZE', 'FILE_CACHE_SIZE', 'CHUNK_SIZE_TOKENS', 'LOG_LEVEL', 'LOG_FORMAT'])",
        message:
          'derives from the spec: set resources.limits.memory for MAX_MEMORY_MB, cache for *_CACHE_SIZE, indexing.chunkSizeTokens for CHUNK_SIZE_TOKENS, logging for LOG_*; CODESAGE_* is for the operator',
      },
    ],
  }),
  value: field(z.string().max(32768).optional(), 'Value of the variable.'),
  valueFrom: field(openObject().optional(), 'Where the value comes from, as in a pod spec.'),
});

const extraVolumeMount = z.object({
  name: field(z.string().min(1).max(63), 'Name of one of extraVolumes.'),
  mountPath: field(z.string().min(1).max(1024), 'Where it is mounted.', {
    rules: [
      {
        rule: "self.startsWith('/') && !(self in ['/', '/app', '/app/.codesage', '/app/logs', '/app/volumes', '/tmp', '/etc/codesage']) && !self.startsWith('/app/.codesage/') && !self.startsWith('/app/volumes/') && !self.startsWith('/etc/codesage/')",
        message: 'must be an absolute path that the server does not use itself: write for example /mnt/data',
      },
    ],
  }),
  subPath: field(z.string().max(1024).optional(), 'Directory or file of the volume to mount.'),
  readOnly: field(z.boolean().default(true), 'Whether the mount is read-only.'),
});

const podTemplate = z.object({
  labels: field(stringMap().optional(), 'Labels of the pods; those that the operator sets win.'),
  annotations: field(stringMap().optional(), 'Annotations of the pods.'),
  extraEnv: field(z.array(extraEnv).max(100).optional(), 'More environment variables, for example HTTPS_PROXY.', {
    listMapKeys: ['name'],
  }),
  extraVolumes: field(
    z
      .array(
        z.looseObject({
          name: field(z.string().min(1).max(63), 'Name of the volume.', {
            rules: [
              {
                rule: "!(self in ['data', 'config', 'logs', 'tmp']) && !self.startsWith('source-')",
                message: 'is the name of a volume of the operator: write another, for example extra-data',
              },
            ],
          }),
        }),
      )
      .max(50)
      .optional(),
    'More volumes, as in a pod spec.',
    { listMapKeys: ['name'] },
  ),
  extraVolumeMounts: field(z.array(extraVolumeMount).max(50).optional(), 'Mounts of extraVolumes.', {
    listMapKeys: ['mountPath'],
  }),
});

const logging = z.object({
  level: field(z.enum(['debug', 'info', 'warn', 'error']).default('info'), 'Least severe level that is logged.'),
  format: field(z.enum(['json', 'text']).default('json'), 'json: one object a line; text: lines for people.'),
});

/** The spec of a CodeSageServer as the API server stores it: all defaults filled in. */
export const serverSpecSchema = z.object({
  image: field(image.prefault({}), 'The server image.'),
  replicas: field(z.int().min(0).default(1), 'Number of server pods: 0 or 1. `kubectl scale` sets it.', {
    rules: [{ rule: 'self <= 1', message: 'more than one replica is not supported by this version: write 0 or 1' }],
  }),
  suspend: field(z.boolean().default(false), 'True: no pods; all data is kept.'),
  paused: field(
    z.boolean().default(false),
    'True: the operator touches nothing of this server. The annotation codesage.dev/reconcile: disabled does the same.',
  ),
  sources: field(
    z
      .array(
        field(source, 'One codebase: where its files come from, and which of them are indexed.', {
          rules: [
            {
              rule: 'has(self.git) != has(self.volume)',
              message: 'needs exactly one of git and volume: write git: {url: …} or volume: {claimName: …}',
            },
          ],
        }),
      )
      .max(100),
    'What is indexed. Names are unique.',
    {
      listMapKeys: ['name'],
      rules: [
        {
          rule: 'self.size() >= 1',
          message: 'needs at least one source: write for example - {name: my-project, git: {url: https://…}}',
        },
      ],
    },
  ),
  indexing: field(indexing.prefault({}), 'How sources are cut into chunks and indexed.'),
  storage: field(storage.prefault({}), 'The volume that holds the index.', { rules: storageRules }),
  cache: field(cache.prefault({}), 'Sizes of the caches, in entries.'),
  resources: field(resources.prefault({}), 'Compute resources of the server container.', {
    rules: [
      {
        rule: '!isQuantity(string(self.requests.memory)) || !isQuantity(string(self.limits.memory)) || quantity(string(self.requests.memory)).compareTo(quantity(string(self.limits.memory))) <= 0',
        message: 'requests.memory must not be more than limits.memory: raise the limit or lower the request',
        fieldPath: '.requests.memory',
      },
      {
        rule: '!has(self.limits.cpu) || !isQuantity(string(self.requests.cpu)) || !isQuantity(string(self.limits.cpu)) || quantity(string(self.requests.cpu)).compareTo(quantity(string(self.limits.cpu))) <= 0',
        message: 'requests.cpu must not be more than limits.cpu: raise the limit or lower the request',
        fieldPath: '.requests.cpu',
      },
    ],
  }),
  auth: field(auth.prefault({}), 'Who may call the server.'),
  service: field(service.prefault({}), 'The Service in front of the pods.', {
    rules: [
      {
        rule: "!has(self.nodePort) || self.type != 'ClusterIP'",
        message: 'nodePort needs type NodePort or LoadBalancer: set type, or leave nodePort out',
        fieldPath: '.nodePort',
      },
    ],
  }),
  ingress: field(ingress.optional(), 'An Ingress in front of the Service. Default: none.', {
    rules: [
      {
        rule: '!has(self.tls) || has(self.host)',
        message: 'tls needs host: write the host name that the certificate is for',
        fieldPath: '.host',
      },
    ],
  }),
  scheduling: field(scheduling.optional(), 'Where pods may run.'),
  podTemplate: field(podTemplate.optional(), 'Additions to the pods.'),
  serviceAccountName: field(
    z.string().min(1).max(253).optional(),
    "ServiceAccount of the pods; its token is not mounted. Default: the namespace's default account.",
  ),
  logging: field(logging.prefault({}), 'Logs of the server.'),
});

/** A spec with all defaults. */
export type ServerSpec = z.output<typeof serverSpecSchema>;
/** A spec as one writes it: what has a default may be left out. */
export type ServerSpecInput = z.input<typeof serverSpecSchema>;
export type SourceSpec = ServerSpec['sources'][number];

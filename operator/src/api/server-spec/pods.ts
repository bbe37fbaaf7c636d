/** Decides what can be said about the pods: image, place, additions. */
import { z } from 'zod';
import { field, nameReference, openObject, stringMap } from '../schema.ts';

export const image = z.object({
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

export const scheduling = z.object({
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
        rule: "!self.startsWith('CODESAGE_') && !(self in ['MAX_MEMORY_MB', 'EMBEDDING_CACHE_SIZE', 'SEARCH_CACHE_SIZE', 'FILE_CACHE_SIZE', 'CACHE_SIMILARITY_THRESHOLD', 'ENABLE_CACHING', 'ENABLE_CACHE_PERSISTENCE', 'ENABLE_CACHE_WARMING', 'CHUNK_SIZE_TOKENS', 'LOG_LEVEL', 'LOG_FORMAT'])",
        message:
          'derives from the spec: set resources.limits.memory for MAX_MEMORY_MB, cache for *_CACHE_SIZE and the other variables of caches, indexing.chunkSizeTokens for CHUNK_SIZE_TOKENS, logging for LOG_*; CODESAGE_* is for the operator',
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

export const podTemplate = z.object({
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

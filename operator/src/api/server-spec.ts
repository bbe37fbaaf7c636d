/** Decides what one can write in the spec of a CodeSageServer. A field stands here only if it has an effect. */
import { z } from 'zod';
import { field } from './schema.ts';
import { auth, authRules } from './server-spec/auth.ts';
import { embedding, embeddingRules } from './server-spec/embedding.ts';
import { ingress, service } from './server-spec/exposure.ts';
import { llm } from './server-spec/llm.ts';
import { image, podTemplate, scheduling } from './server-spec/pods.ts';
import { source } from './server-spec/sources.ts';
import { storage, storageRules } from './server-spec/storage.ts';
import { cache, indexing, logging, resources } from './server-spec/tuning.ts';

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
  embedding: field(embedding.prefault({}), 'The model that turns texts into vectors.', { rules: embeddingRules }),
  storage: field(storage.prefault({}), 'The volume that holds the index.', { rules: storageRules }),
  cache: field(cache.prefault({}), 'The caches: their sizes in entries, and what becomes of old ones.'),
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
  llm: field(llm.prefault({}), 'The language models that some tools ask.'),
  auth: field(auth.prefault({}), 'Who may call the server, and what each client may see.', { rules: authRules }),
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

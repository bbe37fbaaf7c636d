/** Decides how the server is tuned: chunks, caches, compute resources, logs. */
import { z } from 'zod';
import { field, quantity, quantityRule } from '../schema.ts';

export const indexing = z.object({
  chunkSizeTokens: field(
    z.int().min(50).max(4000).default(750),
    'Upper limit of a chunk, in estimated tokens. A change indexes everything again.',
  ),
  incremental: field(z.boolean().default(true), 'False: every change of a source indexes all of its files again.'),
  concurrency: field(z.int().min(1).max(64).default(2), 'Worker threads that parse and embed.'),
});

const entries = (fallback: number, description: string) =>
  field(z.int().min(0).max(10_000_000).default(fallback), description);
export const cache = z.object({
  embedding: entries(5000, 'Entries of the embedding cache; 0 is off.'),
  search: entries(1000, 'Entries of the search cache; 0 is off.'),
  file: entries(100, 'Entries of the file cache; 0 is off.'),
  similarityThreshold: field(
    z.number().min(0.5).max(1).optional(),
    'Cosine from which on a query gets the answer of a similar earlier one, which then says so; for example 0.95. Off when unset.',
  ),
  persistence: field(
    z.boolean().default(true),
    'Whether embeddings and the list of frequent queries outlive a restart.',
  ),
  warming: field(
    z.boolean().default(true),
    'Whether frequent queries are run again after a start and after a new version of the index.',
  ),
  maxAge: field(
    z.string().max(32).optional(),
    'Entries older than this are dropped, for example 30m, 12h or 720h. No limit when unset.',
    {
      rules: [
        {
          rule: "self.matches('^([0-9]+(s|m|h))+$')",
          message: 'must be a duration: write for example 30m, 12h or 720h',
        },
        {
          rule: "!self.matches('^([0-9]+(s|m|h))+$') || duration(self) >= duration('1m')",
          message: 'must be at least 1m: shorter-lived entries are of no use',
        },
      ],
    },
  ),
});

const positive = (example: string) => ({ rules: [quantityRule(example)] });
export const resources = z.object({
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

export const logging = z.object({
  level: field(z.enum(['debug', 'info', 'warn', 'error']).default('info'), 'Least severe level that is logged.'),
  format: field(z.enum(['json', 'text']).default('json'), 'json: one object a line; text: lines for people.'),
});

/** The spec of a CodeSageServer as the API server stores it: all defaults filled in. */

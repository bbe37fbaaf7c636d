/** Decides what a CodeSageServer tells about itself in its status. */
import { z } from 'zod';
import { conditionTypes } from './conditions.ts';
import { field, time } from './schema.ts';

/** One word for people; programs read the conditions. */
export const serverPhases = [
  'Pending',
  'Starting',
  'Indexing',
  'Ready',
  'Degraded',
  'Failed',
  'Suspended',
  'Paused',
] as const;
export type ServerPhase = (typeof serverPhases)[number];

const condition = z.object({
  type: field(z.string(), `Which condition: ${conditionTypes.join(', ')}.`),
  status: field(z.enum(['True', 'False', 'Unknown']), 'Whether it is met.'),
  observedGeneration: field(z.int().optional(), 'Generation of the spec that it was decided for.'),
  lastTransitionTime: field(time(), 'When status last changed.'),
  reason: field(z.string(), 'Why, as one word of a documented list.'),
  message: field(z.string(), 'What is the case, and what to do about it.'),
});

const codebase = z.object({
  name: field(z.string(), 'Name of the source.'),
  revision: field(z.string().optional(), 'Commit of the published index.'),
  files: field(z.int(), 'Files in the published index.'),
  chunks: field(z.int(), 'Chunks in the published index.'),
  state: field(z.string(), 'Pending, Syncing, Indexing, Ready or Failed.'),
  indexedAt: field(time().optional(), 'When the published index was made.'),
  message: field(z.string().optional(), 'What is wrong, and what to do about it.'),
});

/** Every field is optional, because a status grows with what is known. */
export const serverStatusSchema = z.object({
  observedGeneration: field(z.int().optional(), 'Generation of the spec that this status tells about.'),
  phase: field(z.enum(serverPhases).optional(), 'One word for people. Programs should read the conditions.'),
  conditions: field(z.array(condition).optional(), 'What is met and what is not, with reasons.', {
    listMapKeys: ['type'],
  }),
  replicas: field(z.int().optional(), 'Pods that exist.'),
  readyReplicas: field(z.int().optional(), 'Pods that are ready.'),
  selector: field(z.string().optional(), 'Label selector of the pods, for the scale subresource.'),
  url: field(z.string().optional(), 'Where MCP clients connect.'),
  version: field(z.string().optional(), 'Version that the server pod told.'),
  image: field(z.string().optional(), 'Image that the pods are to run.'),
  health: field(
    z
      .object({
        http: field(z.string().optional(), 'ok or failed.'),
        mcp: field(z.string().optional(), 'ok or failed.'),
        memory: field(z.string().optional(), 'ok or warning.'),
        index: field(z.string().optional(), 'ok, empty or failed.'),
      })
      .optional(),
    'Health of the components, as the server pod told it.',
  ),
  codebases: field(z.array(codebase).optional(), 'One entry a source.', { listMapKeys: ['name'] }),
  index: field(
    z
      .object({
        files: field(z.int().optional(), 'Files in the published index, over all sources.'),
        chunks: field(z.int().optional(), 'Chunks in the published index, over all sources.'),
        sizeBytes: field(z.int().optional(), 'Size on disk, rounded to two digits.', { format: 'int64' }),
        formatVersion: field(z.int().optional(), 'Version of the on-disk format.'),
        embedding: field(z.string().optional(), 'Embedding model that the index was made with.'),
      })
      .optional(),
    'The published index.',
  ),
  storage: field(
    z
      .object({
        claimName: field(z.string().optional(), 'Volume claim that holds the index.'),
        capacity: field(z.string().optional(), 'Capacity of the bound volume.'),
        usedPercent: field(z.int().optional(), 'How full the volume is, in steps of 5 percent.'),
      })
      .optional(),
    'The volume.',
  ),
  cache: field(
    z
      .object({
        hitRate: field(
          z.string().optional(),
          'Share of cache look-ups that hit since the pod started, in steps of 5 percent.',
        ),
      })
      .optional(),
    'The caches.',
  ),
});

export type ServerStatus = z.output<typeof serverStatusSchema>;
export type Condition = z.output<typeof condition>;

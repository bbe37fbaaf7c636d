/** Decides which kinds the API has, how each is named and shown by kubectl, and what its objects look like in TypeScript. */
import type { z } from 'zod';
import { type BackupSpec, type BackupStatus, backupSpecSchema, backupStatusSchema } from './backup.ts';
import { type RestoreSpec, type RestoreStatus, restoreSpecSchema, restoreStatusSchema } from './restore.ts';
import type { Rule } from './schema.ts';
import { type ServerSpec, serverSpecSchema } from './server-spec.ts';
import { type ServerStatus, serverStatusSchema } from './server-status.ts';

/** A column of `kubectl get`. */
export type Column = {
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'date';
  jsonPath: string;
  /** Shown only with `-o wide`. */
  wide?: true;
  description: string;
};

export type Kind = {
  kind: string;
  plural: string;
  singular: string;
  shortName: string;
  description: string;
  spec: z.ZodType;
  status: z.ZodType;
  columns: Column[];
  /** Rules on the whole object. */
  rules: Rule[];
  /** Rules on the spec. */
  specRules: Rule[];
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath: string };
};

const age: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since creation.',
};

const nameRule: Rule = {
  rule: "self.metadata.name.size() <= 50 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
  message:
    'metadata.name also names the Service: write at most 50 lower-case letters, digits and dashes, beginning with a letter and ending with a letter or digit',
};

export const serverKind: Kind = {
  kind: 'CodeSageServer',
  plural: 'codesageservers',
  singular: 'codesageserver',
  shortName: 'cgs',
  description: 'A CodeSage MCP server: it keeps an index of its sources and answers searches over MCP.',
  spec: serverSpecSchema,
  status: serverStatusSchema,
  columns: [
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether it answers searches.',
    },
    { name: 'Status', type: 'string', jsonPath: '.status.phase', description: 'One word for people.' },
    { name: 'Replicas', type: 'integer', jsonPath: '.status.readyReplicas', description: 'Pods that are ready.' },
    { name: 'Files', type: 'integer', jsonPath: '.status.index.files', description: 'Files in the published index.' },
    age,
    { name: 'Version', type: 'string', jsonPath: '.status.version', wide: true, description: 'Version of the server.' },
    {
      name: 'Chunks',
      type: 'integer',
      jsonPath: '.status.index.chunks',
      wide: true,
      description: 'Chunks in the published index.',
    },
    {
      name: 'Hit-Rate',
      type: 'string',
      jsonPath: '.status.cache.hitRate',
      wide: true,
      description: 'Share of cache look-ups that hit.',
    },
    { name: 'URL', type: 'string', jsonPath: '.status.url', wide: true, description: 'Where MCP clients connect.' },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      wide: true,
      description: 'What is the case.',
    },
  ],
  rules: [nameRule],
  specRules: [],
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
};

export const backupKind: Kind = {
  kind: 'CodeSageBackup',
  plural: 'codesagebackups',
  singular: 'codesagebackup',
  shortName: 'cgsb',
  description: 'One backup of the index of a CodeSageServer.',
  spec: backupSpecSchema,
  status: backupStatusSchema,
  columns: [
    { name: 'Server', type: 'string', jsonPath: '.spec.serverRef.name', description: 'The server that was backed up.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'How far it is.' },
    { name: 'Size', type: 'integer', jsonPath: '.status.sizeBytes', description: 'Size in bytes.' },
    { name: 'Files', type: 'integer', jsonPath: '.status.files', description: 'Files in the index.' },
    {
      name: 'Verified',
      type: 'boolean',
      jsonPath: '.status.verified',
      description: 'Whether it was read back and opened.',
    },
    { name: 'Completed', type: 'date', jsonPath: '.status.completedAt', description: 'When it ended.' },
    age,
    {
      name: 'Location',
      type: 'string',
      jsonPath: '.status.location',
      wide: true,
      description: 'Where the snapshot is.',
    },
    { name: 'Error', type: 'string', jsonPath: '.status.error', wide: true, description: 'Why it failed.' },
  ],
  rules: [],
  specRules: [{ rule: 'self == oldSelf', message: 'a backup cannot be changed: create another CodeSageBackup' }],
};

export const restoreKind: Kind = {
  kind: 'CodeSageRestore',
  plural: 'codesagerestores',
  singular: 'codesagerestore',
  shortName: 'cgsr',
  description: 'Puts a backup back into a CodeSageServer.',
  spec: restoreSpecSchema,
  status: restoreStatusSchema,
  columns: [
    { name: 'Server', type: 'string', jsonPath: '.spec.serverRef.name', description: 'The server that is restored.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'How far it is.' },
    { name: 'Snapshot', type: 'string', jsonPath: '.status.snapshot', description: 'What is put back.' },
    { name: 'Completed', type: 'date', jsonPath: '.status.completedAt', description: 'When it ended.' },
    age,
    { name: 'Error', type: 'string', jsonPath: '.status.error', wide: true, description: 'Why it failed.' },
  ],
  rules: [],
  specRules: [
    { rule: 'self == oldSelf', message: 'a restore cannot be changed: create another CodeSageRestore' },
    {
      rule: 'has(self.backupRef) != has(self.snapshot)',
      message:
        'needs exactly one of backupRef and snapshot: name a CodeSageBackup, or a stored snapshot and where it is',
    },
  ],
};

export const kinds: Kind[] = [serverKind, backupKind, restoreKind];

/** What the operator reads of an object's metadata. */
export type ObjectMeta = {
  name: string;
  namespace: string;
  uid: string;
  generation?: number;
  resourceVersion?: string;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
};

type Resource<Spec, Status> = { apiVersion: string; kind: string; metadata: ObjectMeta; spec: Spec; status?: Status };
export type CodeSageServer = Resource<ServerSpec, ServerStatus>;
export type CodeSageBackup = Resource<BackupSpec, BackupStatus>;
export type CodeSageRestore = Resource<RestoreSpec, RestoreStatus>;

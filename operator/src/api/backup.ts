/** Decides what a CodeSageBackup says: one snapshot of one server, asked for once and never changed. */
import { z } from 'zod';
import { destination, destinationRules } from './destination.ts';
import { field, nameReference, time } from './schema.ts';

export const backupPhases = ['Pending', 'Running', 'Verifying', 'Completed', 'Failed'] as const;

export const backupSpecSchema = z.object({
  serverRef: field(nameReference('CodeSageServer'), 'The server to take a snapshot of.'),
  destination: field(destination.optional(), "Where the snapshot is stored. Default: the server's own destination.", {
    rules: destinationRules,
  }),
  includeCache: field(z.boolean().default(false), 'Whether caches are stored too.'),
  verify: field(z.boolean().default(true), 'Whether the stored snapshot is read back, checked and opened.'),
  retain: field(z.boolean().default(false), 'True: retention never removes this backup.'),
  deletionPolicy: field(
    z.enum(['Delete', 'Retain']).default('Delete'),
    'What happens to the stored data when this object is deleted.',
  ),
});
export type BackupSpec = z.output<typeof backupSpecSchema>;

export const backupStatusSchema = z.object({
  phase: field(z.enum(backupPhases).optional(), 'How far it is.'),
  startedAt: field(time().optional(), 'When it began.'),
  completedAt: field(time().optional(), 'When it ended, well or not.'),
  snapshot: field(z.string().optional(), 'Name of the snapshot in its destination.'),
  location: field(z.string().optional(), 'Where the snapshot is.'),
  sizeBytes: field(z.int().optional(), 'Size of the stored snapshot.', { format: 'int64' }),
  files: field(z.int().optional(), 'Files in the index of the snapshot.'),
  chunks: field(z.int().optional(), 'Chunks in the index of the snapshot.'),
  codebases: field(
    z
      .array(
        z.object({
          name: field(z.string(), 'Name of the source.'),
          revision: field(z.string().optional(), 'Commit of its index.'),
        }),
      )
      .optional(),
    'What is in the snapshot.',
    { listMapKeys: ['name'] },
  ),
  sha256: field(z.string().optional(), 'Checksum of the stored snapshot.'),
  formatVersion: field(z.int().optional(), 'Version of the index format.'),
  serverVersion: field(z.string().optional(), 'Version of the server that made it.'),
  verified: field(z.boolean().optional(), 'Whether the stored snapshot was read back, checked and opened.'),
  error: field(z.string().optional(), 'Why it failed, and what to do about it.'),
});
export type BackupStatus = z.output<typeof backupStatusSchema>;

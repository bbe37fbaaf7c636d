/** Decides what a CodeSageRestore says: one snapshot put back into one server, asked for once and never changed. */
import { z } from 'zod';
import { destination, destinationRules } from './destination.ts';
import { field, nameReference, time } from './schema.ts';

export const restorePhases = [
  'Pending',
  'Verifying',
  'Quiescing',
  'Restoring',
  'Resuming',
  'Checking',
  'Completed',
  'RolledBack',
  'Failed',
] as const;

export const restoreSpecSchema = z.object({
  serverRef: field(nameReference('CodeSageServer'), 'The server to restore.'),
  backupRef: field(nameReference('CodeSageBackup').optional(), 'The backup to restore from.'),
  snapshot: field(
    z
      .object({
        destination: field(destination, 'Where the snapshot is.', { rules: destinationRules }),
        name: field(z.string().min(1).max(253), 'Name of the snapshot in its destination.'),
      })
      .optional(),
    'A stored snapshot to restore from, when its CodeSageBackup is gone.',
  ),
  scope: field(z.enum(['All', 'Index', 'Cache']).default('All'), 'What is put back.'),
});
export type RestoreSpec = z.output<typeof restoreSpecSchema>;

export const restoreStatusSchema = z.object({
  phase: field(z.enum(restorePhases).optional(), 'How far it is.'),
  startedAt: field(time().optional(), 'When it began.'),
  completedAt: field(time().optional(), 'When it ended, well or not.'),
  snapshot: field(z.string().optional(), 'Name of the snapshot that is put back.'),
  files: field(z.int().optional(), 'Files in the index that was put back.'),
  error: field(z.string().optional(), 'Why it failed, and what to do about it.'),
});
export type RestoreStatus = z.output<typeof restoreStatusSchema>;

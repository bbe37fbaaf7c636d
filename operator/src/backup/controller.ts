/** Decides what becomes of a CodeSageBackup: this version of the operator takes no backups, and says so. */
import { group, version } from '../api/group.ts';
import { backupKind } from '../api/kinds.ts';
import type { Controller } from '../runtime/controller.ts';
import type { ResourceType } from '../runtime/resource.ts';
import { createRefusingController, type Job, type RefusingControllerOptions } from './refuse.ts';

export const codeSageBackups: ResourceType<Job> = {
  group,
  version,
  kind: backupKind.kind,
  plural: backupKind.plural,
  namespaced: true,
};

export function createBackupController(options: RefusingControllerOptions): Controller {
  return createRefusingController(
    codeSageBackups,
    'This version of the operator takes no backups yet: nothing was stored. Delete this object; the index can always be built again from its sources.',
    options,
  );
}

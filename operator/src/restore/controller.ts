/** Decides what becomes of a CodeSageRestore: this version of the operator restores nothing, and says so. */
import { group, version } from '../api/group.ts';
import { restoreKind } from '../api/kinds.ts';
import { createRefusingController, type Job, type RefusingControllerOptions } from '../backup/refuse.ts';
import type { Controller } from '../runtime/controller.ts';
import type { ResourceType } from '../runtime/resource.ts';

export const codeSageRestores: ResourceType<Job> = {
  group,
  version,
  kind: restoreKind.kind,
  plural: restoreKind.plural,
  namespaced: true,
};

export function createRestoreController(options: RefusingControllerOptions): Controller {
  return createRefusingController(
    codeSageRestores,
    'This version of the operator restores no backups yet: the server was not touched. Delete this object; to build the index anew, set the annotation codesage.dev/reindex on the CodeSageServer.',
    options,
  );
}

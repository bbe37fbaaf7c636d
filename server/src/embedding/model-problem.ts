/** Decides how a model that cannot be loaded is named: it is not there, or it is not what it should be. */
import { CodeSageError, messageOf } from '../errors.ts';

export type ModelProblem = { code: 'EmbeddingModelMissing' | 'EmbeddingModelInvalid'; message: string };

/** Names why a model could not be loaded. */
export function modelProblem(error: unknown): ModelProblem {
  if (
    error instanceof CodeSageError &&
    (error.code === 'EmbeddingModelMissing' || error.code === 'EmbeddingModelInvalid')
  )
    return { code: error.code, message: `${error.message} ${error.remedy}` };
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return missing
    ? { code: 'EmbeddingModelMissing', message: `The embedding model is not there: ${messageOf(error)}.` }
    : { code: 'EmbeddingModelInvalid', message: `The embedding model cannot be loaded: ${messageOf(error)}.` };
}

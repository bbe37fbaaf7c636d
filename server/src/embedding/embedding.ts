/** Decides what the server embeds with from its start to its end: the configured model, or nothing and why. */
import type { EmbeddingSettings, Problem } from '../contract.ts';
import { CodeSageError, messageOf } from '../errors.ts';
import { embed, noEmbedding, noEmbeddingDimensions } from './embedder.ts';
import { createStaticEmbedder, loadStaticModel, type StaticModelData } from './static-model.ts';

/** A loaded model, or the lack of one. */
export type Embedding = {
  /** Names the model so exactly that vectors of equal names can be compared; `noEmbedding` without one. */
  readonly name: string;
  readonly dimensions: number;
  /** Why there is no model. */
  readonly problem?: Problem;
  /** What indexing threads embed with. */
  readonly forThreads: StaticModelData | undefined;
  /** The vector of a query; all zeros when it says nothing to the model, undefined without a model. */
  embedQuery(text: string): Promise<Float32Array | undefined>;
};

const remedyWithoutModel =
  'Until then searches are ranked by full text alone. Correct the setting "embedding" or put the model in its place, then restart the server.';

/** Loads the configured model. It never rejects: without a model the server still serves. */
export async function loadEmbedding(settings: EmbeddingSettings, clock: () => number): Promise<Embedding> {
  try {
    return loadBuiltin(settings);
  } catch (error) {
    const { code, message } = modelProblem(error);
    return withoutModel({ code, message: `${message} ${remedyWithoutModel}`, since: new Date(clock()).toISOString() });
  }
}

function loadBuiltin({ modelDirectory }: EmbeddingSettings): Embedding {
  const model = loadStaticModel(modelDirectory);
  const embedder = createStaticEmbedder(model);
  return {
    name: model.name,
    dimensions: model.dimensions,
    forThreads: model,
    embedQuery: async (text) => embed(embedder, text),
  };
}

/** What embeds nothing, for the reason given. */
export function withoutModel(problem: Problem): Embedding {
  return {
    name: noEmbedding,
    dimensions: noEmbeddingDimensions,
    problem,
    forThreads: undefined,
    embedQuery: async () => undefined,
  };
}

/** Names why a model could not be loaded: it is not there, or it is not what it should be. */
export function modelProblem(error: unknown): {
  code: 'EmbeddingModelMissing' | 'EmbeddingModelInvalid';
  message: string;
} {
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

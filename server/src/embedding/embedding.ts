/** Decides what the server embeds with from its start to its end: the configured model, or nothing and why. */
import { createHash } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import type { EmbeddingSettings, Problem } from '../contract.ts';
import { embed, noEmbedding, noEmbeddingDimensions } from './embedder.ts';
import { modelProblem } from './model-problem.ts';
import { createStaticEmbedder, type StaticModelData } from './static-embedder.ts';
import { loadStaticModel } from './static-model.ts';
import { loadTransformerEmbedding } from './transformer-embedding.ts';

/** A loaded model, or the lack of one. */
export type Embedding = {
  /** Names the model so exactly that vectors of equal names can be compared; `noEmbedding` without one. */
  readonly name: string;
  readonly dimensions: number;
  /** Put before each query; vectors of queries with different prefixes differ. */
  readonly queryPrefix: string;
  /** Why there is no model, now or since the start. */
  readonly problem?: Problem | undefined;
  /** What indexing threads embed with by themselves. */
  readonly forThreads: StaticModelData | undefined;
  /** For a model in a thread of its own: a port to it for one indexing task. */
  connect?(): Promise<MessagePort>;
  /** The vector of a query; all zeros when it says nothing to the model, undefined without a model. Rejects when the model fails. */
  embedQuery(text: string, signal?: AbortSignal): Promise<Float32Array | undefined>;
  /** Frees the model. Idempotent. */
  close(): Promise<void>;
};

export type EmbeddingOptions = {
  settings: EmbeddingSettings;
  /** Where models are looked for by name, unless the settings say otherwise. */
  modelsDirectory: string;
  clock: () => number;
};

const remedyWithoutModel =
  'Until then searches are ranked by full text alone. Correct the setting "embedding" or put the model in its place, then restart the server.';

/** Loads the configured model. It never rejects: without a model the server still serves. */
export async function loadEmbedding({ settings, modelsDirectory, clock }: EmbeddingOptions): Promise<Embedding> {
  try {
    if (settings.provider === 'builtin') return loadBuiltin(settings);
    return await loadTransformerEmbedding({
      settings,
      cacheDirectory: settings.cacheDirectory ?? modelsDirectory,
      clock,
    });
  } catch (error) {
    const { code, message } = modelProblem(error);
    return withoutModel({
      code,
      message: `${message.trim()} ${remedyWithoutModel}`,
      since: new Date(clock()).toISOString(),
    });
  }
}

function loadBuiltin({ modelDirectory }: EmbeddingSettings): Embedding {
  const model = loadStaticModel(modelDirectory);
  const embedder = createStaticEmbedder(model);
  return {
    // The model that ships changes its name with its content; others may not.
    name: modelDirectory === undefined ? model.name : `${model.name}#${digestOf(model)}`,
    dimensions: model.dimensions,
    queryPrefix: '',
    forThreads: model,
    embedQuery: async (text) => embed(embedder, text),
    close: async () => {},
  };
}

function digestOf({
  vocabularyText,
  vocabularySize,
  dimensions,
  embeddings,
  scales,
  maxTokens,
}: StaticModelData): string {
  const digest = createHash('sha256').update(`${maxTokens}\n${vocabularyText}`);
  digest.update(new Uint8Array(embeddings.buffer, 0, vocabularySize * dimensions)).update(new Uint8Array(scales));
  return digest.digest('hex').slice(0, 12);
}

/** What embeds nothing, for the reason given. */
function withoutModel(problem: Problem): Embedding {
  return {
    name: noEmbedding,
    dimensions: noEmbeddingDimensions,
    queryPrefix: '',
    problem,
    forThreads: undefined,
    embedQuery: async () => undefined,
    close: async () => {},
  };
}

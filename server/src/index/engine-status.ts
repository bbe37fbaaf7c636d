/** Decides what an engine tells of itself, whether it keeps its index or only reads it. */
import { indexFormatVersion } from '../contract.ts';
import { noEmbedding } from '../embedding/embedder.ts';
import type { Embedding } from '../embedding/embedding.ts';
import type { EngineStatus } from '../engine.ts';
import type { CodebaseDirectory } from './codebases.ts';
import type { Remembered, VolumeUsage } from './disk.ts';

export type StatusFacts = {
  codebases: CodebaseDirectory;
  /** Undefined before the engine has started. */
  embedding: Embedding | undefined;
  indexSize: Remembered<number>;
  volumeUsed: Remembered<VolumeUsage | undefined>;
  memoryBytes: number;
  embeddedChunks: number;
};

/** The state at this moment; sizes may be some seconds old. */
export async function engineStatus(facts: StatusFacts): Promise<EngineStatus> {
  const { codebases, embedding, indexSize, volumeUsed, memoryBytes, embeddedChunks } = facts;
  const problem = codebases.indexProblem() ?? embedding?.problem;
  const volume = await volumeUsed.value();
  return {
    codebases: codebases.all.map((codebase) => codebase.status()),
    index: {
      sizeBytes: await indexSize.value(),
      formatVersion: indexFormatVersion,
      memoryBytes,
      embedding: embedding?.name ?? noEmbedding,
      ...(problem === undefined ? {} : { problem }),
    },
    ...(volume === undefined ? {} : { volume }),
    embeddedChunks,
  };
}

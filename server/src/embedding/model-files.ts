/** Decides which files are a transformers model, where they are looked for, and what identifies them. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { EmbeddingSettings } from '../contract.ts';
import { CodeSageError, messageOf } from '../errors.ts';

export type Pooling = 'mean' | 'cls';
export type ModelFiles = {
  /** Folder with `config.json` and the tokenizer. */
  directory: string;
  /** Folder of the weights below it; '' when they are beside `config.json`. */
  subfolder: string;
  /** All that decides the vectors, in fixed order. */
  contents: string[];
  pooling: Pooling;
  /** Tokens that the model was made for, where it says so. */
  maxTokens: number | undefined;
};

/** Name endings of weights, as published models have them. */
const endings: Record<EmbeddingSettings['dtype'], string> = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
};

const poolingSchema = z.object({
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode_mean_tokens: z.boolean().default(false),
});

const lengthSchema = z.object({ max_seq_length: z.number().int().positive().nullish() });

/** The folder of the configured model: the one that is named, or the model's own below the cache, as the library lays it out. */
export function modelFolder(
  { modelDirectory, model = '', revision }: EmbeddingSettings,
  cacheDirectory: string,
): string {
  if (modelDirectory !== undefined) return modelDirectory;
  return join(cacheDirectory, model, revision === 'main' ? '' : revision);
}

/** True when the folder has all that is needed to load the model. */
export function isComplete(directory: string, dtype: EmbeddingSettings['dtype']): boolean {
  return missingFile(directory, dtype) === undefined;
}

function weightsOf(
  directory: string,
  dtype: EmbeddingSettings['dtype'],
): { subfolder: string; name: string } | undefined {
  const name = `model${endings[dtype]}.onnx`;
  const subfolder = ['onnx', ''].find((folder) => existsSync(join(directory, folder, name)));
  return subfolder === undefined ? undefined : { subfolder, name };
}

function missingFile(directory: string, dtype: EmbeddingSettings['dtype']): string | undefined {
  const named = ['config.json', 'tokenizer.json', 'tokenizer_config.json'].find(
    (name) => !existsSync(join(directory, name)),
  );
  return named ?? (weightsOf(directory, dtype) === undefined ? `onnx/model${endings[dtype]}.onnx` : undefined);
}

/** Finds a model's files. @throws CodeSageError `EmbeddingModelMissing`, `EmbeddingModelInvalid`. */
export function findModelFiles(directory: string, { dtype, pooling }: EmbeddingSettings): ModelFiles {
  const missing = missingFile(directory, dtype);
  const weights = weightsOf(directory, dtype);
  if (missing !== undefined || weights === undefined) {
    throw new CodeSageError(
      'EmbeddingModelMissing',
      existsSync(directory)
        ? `The embedding model in ${directory} has no ${missing} (dtype ${dtype}).`
        : `The embedding model is not there: ${directory} does not exist.`,
      'Put the files of an ONNX model there.',
    );
  }
  const { subfolder, name } = weights;
  // Weights over 2 GB are in files of their own beside the graph: model.onnx_data, model.onnx_data_1.
  const parts = readdirSync(join(directory, subfolder)).filter(
    (file) => file === name || file.startsWith(`${name}_data`),
  );
  return {
    directory,
    subfolder,
    contents: [
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      ...parts.sort().map((file) => join(subfolder, file)),
    ],
    pooling: pooling === 'auto' ? publishedPooling(directory) : pooling,
    maxTokens: publishedLength(directory),
  };
}

/** How sentence-transformers says that the model was trained (https://sbert.net, `1_Pooling/config.json`). */
function publishedPooling(directory: string): Pooling {
  const path = join(directory, '1_Pooling', 'config.json');
  if (!existsSync(path)) return 'mean';
  try {
    const modes = poolingSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    if (modes.pooling_mode_mean_tokens) return 'mean';
    if (modes.pooling_mode_cls_token) return 'cls';
  } catch (error) {
    throw invalid(`${path} cannot be read: ${messageOf(error)}.`);
  }
  throw invalid(`${path} asks for a way of pooling that is neither mean nor cls.`);
}

/** Longest text that sentence-transformers gives the model; often less than its positions allow. */
function publishedLength(directory: string): number | undefined {
  const path = join(directory, 'sentence_bert_config.json');
  if (!existsSync(path)) return undefined;
  try {
    return lengthSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).max_seq_length ?? undefined;
  } catch (error) {
    throw invalid(`${path} cannot be read: ${messageOf(error)}.`);
  }
}

function invalid(message: string): CodeSageError {
  return new CodeSageError('EmbeddingModelInvalid', message, 'Choose another model, or set embedding.pooling.');
}

/**
 * A name that differs whenever the vectors would: `model@revision:dtype#` and a digest of the files and of what is done
 * with their results. Vectors of different names are never compared.
 */
export async function identityOf(files: ModelFiles, settings: EmbeddingSettings): Promise<string> {
  const { model, revision, dtype, documentPrefix, maxTokens } = settings;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([files.pooling, documentPrefix, maxTokens, files.maxTokens]));
  for (const name of files.contents) {
    hash.update(`\n${name}\n`);
    for await (const part of createReadStream(join(files.directory, name), { highWaterMark: 1 << 20 }))
      hash.update(part);
  }
  return `${model ?? 'local'}@${revision}:${dtype}#${hash.digest('hex').slice(0, 12)}`;
}

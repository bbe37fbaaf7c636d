/** Decides what a static model's directory must hold, and reads it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readSafetensors, type Tensor } from './safetensors.ts';
import type { StaticModelData } from './static-embedder.ts';
import { columnsAtOnce, createTable, type SharedMemory } from './sum-rows.ts';

const configSchema = z.object({
  name: z.string(),
  type: z.literal('static'),
  dimensions: z.number().int().positive().multipleOf(columnsAtOnce),
  vocab_size: z.number().int().positive(),
  max_tokens: z.number().int().positive(),
});

/** Directory of the model that ships with the server. */
export const builtinModelDirectory = fileURLToPath(new URL('../../models/codesage-static-v1', import.meta.url));

/** Reads a static model from its directory. Throws when a file is missing or does not fit `config.json`. */
export function loadStaticModel(directory: string = builtinModelDirectory): StaticModelData {
  const config = configSchema.parse(JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')));
  const tensors = readSafetensors(readFileSync(join(directory, 'model.safetensors')));
  const rows = config.vocab_size;
  return {
    name: config.name,
    dimensions: config.dimensions,
    vocabularySize: rows,
    maxTokens: config.max_tokens,
    vocabularyText: readFileSync(join(directory, 'vocab.txt'), 'utf8'),
    embeddings: filled(
      createTable(rows * config.dimensions),
      tensors.get('embeddings'),
      'I8',
      rows * config.dimensions,
    ),
    scales: filled({ buffer: new SharedArrayBuffer(rows * 4) }, tensors.get('scales'), 'F32', rows * 4).buffer,
  };
}

function filled(memory: SharedMemory, tensor: Tensor | undefined, dtype: string, byteLength: number): SharedMemory {
  if (tensor?.dtype !== dtype || tensor.bytes.byteLength !== byteLength) {
    throw new Error(`the model's tensor is not ${dtype} of ${byteLength} bytes`);
  }
  new Uint8Array(memory.buffer).set(tensor.bytes);
  return memory;
}

/** Decides which model turns texts into vectors, and where its files come from. */
import { z } from 'zod';
import { field } from '../schema.ts';

const modelVolume = z.object({
  claimName: field(
    z.string().min(1).max(253),
    'Name of a PersistentVolumeClaim of the same namespace; mounted read-only.',
  ),
  subPath: field(z.string().max(1024).optional(), "The model's folder in the volume. Default: all of it.", {
    rules: [
      {
        rule: "!self.startsWith('/') && !self.split('/').exists(part, part == '..')",
        message: 'must be a relative path inside the volume: write it without a leading slash and without ..',
      },
    ],
  }),
});

const prefix = (description: string) => field(z.string().max(1000).default(''), description);

export const embedding = z.object({
  provider: field(
    z.enum(['builtin', 'transformers']).default('builtin'),
    'builtin: the model that ships with the server; transformers: an ONNX model of your own. A change indexes everything again.',
  ),
  model: field(
    z.string().max(200).optional(),
    'Name of the model, such as sentence-transformers/all-MiniLM-L6-v2. Its files are looked for in the directory models of the index volume, unless modelVolume is set.',
    {
      rules: [
        {
          rule: "self.matches('^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?$')",
          message: 'must be a name, or an owner and a name: write for example sentence-transformers/all-MiniLM-L6-v2',
        },
      ],
    },
  ),
  revision: field(z.string().min(1).max(200).default('main'), 'Branch, tag or commit of the model.'),
  dtype: field(
    z.enum(['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4']).default('fp32'),
    'Which of its weights to load; fp32 is onnx/model.onnx, q8 is onnx/model_quantized.onnx.',
  ),
  modelVolume: field(
    modelVolume.optional(),
    "A volume that holds the model's files: config.json, the tokenizer, onnx/.",
  ),
  allowRemoteModels: field(
    z.boolean().default(false),
    'Whether a model that is not on the index volume is fetched from the Hugging Face hub onto it, when a pod starts.',
  ),
  pooling: field(
    z.enum(['auto', 'mean', 'cls']).default('auto'),
    'How tokens become one vector; auto: as the model says.',
  ),
  queryPrefix: prefix('Put before each query, as the model was trained with.'),
  documentPrefix: prefix('Put before each chunk, as the model was trained with.'),
  maxTokens: field(z.int().min(16).max(8192).default(512), 'Longer texts are cut; the model may allow fewer.'),
  batchSize: field(z.int().min(1).max(256).default(16), 'Chunks that the model takes at once, at most.'),
  threads: field(z.int().min(1).max(64).default(1), 'Cores that the model may use.'),
});

export const embeddingRules = [
  {
    rule: "self.provider == 'builtin' || has(self.model) || has(self.modelVolume)",
    message: 'transformers needs a model: write model: owner/name, or modelVolume: {claimName: …}',
  },
  {
    rule: "self.provider != 'builtin' || (!has(self.model) && !has(self.modelVolume))",
    message:
      'a model of your own needs provider: transformers; builtin has its own model, so leave model and modelVolume out',
  },
  {
    rule: '!self.allowRemoteModels || (has(self.model) && !has(self.modelVolume))',
    message: 'allowRemoteModels needs model: owner/name and no modelVolume: a mounted model is complete',
  },
];

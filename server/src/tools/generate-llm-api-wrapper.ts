/** Decides `generate_llm_api_wrapper`: code that calls a model provider, as text; nothing is written. */
import { z } from 'zod';
import { llmProviderNames } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import { wrapperExtensions, wrapperFor } from '../generators/wrapper.ts';
import { providerFacts } from '../llm/providers.ts';
import { defineTool, readOnly } from './define.ts';

export const generateLlmApiWrapper = defineTool({
  name: 'generate_llm_api_wrapper',
  title: "Code that calls a model provider's API",
  description: [
    'Generate code that calls a model of groq, openrouter, google or openai: time limit, retries with pauses, errors that say what to do, the key from an environment variable. Returns text and writes nothing; no model is called.',
    'Use it to start a client in Python, TypeScript, JavaScript, Go, Java or Ruby, chosen by the ending of output_file_path. For other code use generate_boilerplate.',
    'Example: {"llm_provider": "groq", "model_name": "llama-3.3-70b-versatile", "output_file_path": "src/llm.ts"}',
  ].join(' '),
  input: z.strictObject({
    llm_provider: z.enum(llmProviderNames),
    // What ends up in the code: nothing in it can end a string or a comment.
    model_name: z
      .string()
      .max(200)
      .regex(/^[A-Za-z0-9][\w.:@/-]*$/, "a model's name has letters, digits and . _ - : @ / only")
      .describe('As the provider calls it.'),
    api_key_env_var: z
      .string()
      .max(100)
      .regex(/^[A-Za-z_]\w*$/, 'a variable has letters, digits and _ only')
      .optional()
      .describe("Default: the provider's usual one, such as GROQ_API_KEY."),
    output_file_path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('Where you will save it: its ending chooses the language. Default: Python.'),
  }),
  output: z.strictObject({
    language: z.string(),
    code: z.string(),
    save_as: z.string().describe('Where to save the code: the server did not.'),
    requires: z.string(),
    message: z.string(),
  }),
  annotations: readOnly,
  handle: async ({ llm_provider, model_name, api_key_env_var, output_file_path }) => {
    const template = wrapperFor(output_file_path);
    if (template === undefined) {
      throw new CodeSageError(
        'InvalidArgument',
        'There is no template for files of this ending.',
        `Use one of: ${wrapperExtensions.map((one) => `.${one}`).join(', ')}; or leave output_file_path out for Python.`,
      );
    }
    const { label, baseURL, keyVariable: usual, tokenLimit = 'max_completion_tokens' } = providerFacts[llm_provider];
    const keyVariable = api_key_env_var ?? usual;
    const file = output_file_path ?? `${llm_provider}_client${template.extension}`;
    const stem = /([^/\\]*?)\.\w+$/.exec(file)?.[1] ?? '';
    return {
      language: template.language,
      code: template.code({ label, baseURL, model: model_name, keyVariable, tokenLimit, stem }),
      save_as: file,
      requires: template.requires,
      message: `Nothing was written: save the code yourself, and set ${keyVariable} where it runs. Read it before you use it.`,
    };
  },
});

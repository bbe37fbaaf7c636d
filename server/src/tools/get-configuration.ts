/** Decides `get_configuration`: the settings in effect, with every secret masked. */
import { z } from 'zod';
import { environment } from '../contract.ts';
import { maskSecrets } from '../observability/redaction.ts';
import { callerName } from './ask-model.ts';
import { defineTool, readOnly } from './define.ts';

export const getConfiguration = defineTool({
  name: 'get_configuration',
  title: 'Configuration',
  description: [
    'Show the settings in effect: sources, indexing, caches, memory, model providers, HTTP and logging, after all files, variables and flags were merged.',
    'Use it to explain how the server behaves. Credentials are masked. Settings cannot be changed through tools. For how it fares use get_performance_metrics.',
    'Example: {}',
  ].join(' '),
  input: z.strictObject({}),
  output: z.strictObject({
    version: z.string(),
    data_directory: z.string(),
    configuration: z.record(z.string(), z.unknown()).describe('As in the configuration file.'),
    restart_needed: z
      .array(z.string())
      .optional()
      .describe('Settings that were changed in the file and take effect at the next start of the server.'),
    llm_providers: z
      .array(
        z.strictObject({
          name: z.string(),
          model: z.string().describe('What is asked where a call names no model.'),
          key: z.enum(['file', 'environment', 'request', 'none']).describe('Where its key comes from.'),
          left_alone: z.literal(true).optional().describe('It failed so often that it is not asked for a while.'),
          problem: z.string().optional().describe('Why there is no key.'),
        }),
      )
      .describe('In the order in which they are asked.'),
    environment: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .describe('The same figures by their variable names.'),
  }),
  annotations: readOnly,
  handle: async (_args, { settings, version, llm, caller }) => {
    const { config } = settings;
    const providers = await llm.providers(callerName(caller));
    return {
      version,
      data_directory: settings.dataDir,
      configuration: maskSecrets(config) as Record<string, unknown>,
      ...(settings.restartNeeded?.length ? { restart_needed: [...settings.restartNeeded] } : {}),
      llm_providers: providers.map(({ name, model, keyFrom, circuitOpen, problem }) => ({
        name,
        model,
        key: keyFrom ?? ('none' as const),
        ...(circuitOpen && { left_alone: true as const }),
        ...(problem !== undefined && { problem }),
      })),
      environment: {
        [environment.maxMemoryMB]: config.memory.maxMB,
        [environment.embeddingCacheSize]: config.cache.embedding,
        [environment.searchCacheSize]: config.cache.search,
        [environment.fileCacheSize]: config.cache.file,
        [environment.chunkSizeTokens]: config.indexing.chunkSizeTokens,
        [environment.httpRequestTimeout]: config.llm.timeoutSeconds,
        [environment.httpMaxRetries]: config.llm.maxRetries,
        [environment.logLevel]: config.logging.level,
        [environment.logFormat]: config.logging.format,
      },
    };
  },
});

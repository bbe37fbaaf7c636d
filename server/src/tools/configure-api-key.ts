/** Decides `configure_api_key`: whether a provider takes a key, and where the key belongs; it is kept nowhere unless the settings allow it. */
import { z } from 'zod';
import { anonymous } from '../auth/caller.ts';
import { llmProviderNames } from '../contract.ts';
import { providerFacts } from '../llm/providers.ts';
import { defineTool } from './define.ts';

/** Milliseconds for the question to the provider; it fits into the time of a tool. */
const checkMs = 25_000;

export const configureApiKey = defineTool({
  name: 'configure_api_key',
  title: 'Check an API key of a model provider',
  description: [
    'Ask a model provider whether it accepts an API key, and learn where to put the key so that the tools with a language model use it.',
    'Use it when such a tool says that there is no key, or that its key is rejected. The key is not stored, unless the server is set to keep keys of requests: then in memory, for your own calls only. Better keep keys out of conversations: `codesage keys verify` checks those that are configured.',
    'Example: {"llm_provider": "groq", "api_key": "gsk_your_key"}',
  ].join(' '),
  input: z.strictObject({
    llm_provider: z.enum(llmProviderNames).describe('Who issued the key.'),
    api_key: z.string().min(1).max(1000).describe('The key.'),
  }),
  output: z.strictObject({
    llm_provider: z.string(),
    verdict: z.enum(['valid', 'rejected', 'unknown']).describe('unknown: the provider could not be asked.'),
    stored: z.enum(['no', 'in_memory']),
    message: z.string(),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  handle: async ({ llm_provider, api_key }, { llm, signal, caller = anonymous }) => {
    const key = api_key.trim();
    const { verdict, message } = await llm.verifyKey(llm_provider, key, {
      signal,
      timeMs: checkMs,
      caller: caller.name,
    });
    const isKept = verdict === 'valid' && llm.keepKey(llm_provider, key, caller.name);
    const where = isKept
      ? `It is kept in memory until the server restarts, for ${caller === anonymous ? 'all clients, since none is asked who it is' : 'your calls'}.`
      : `It was not stored. ${whereToPut(llm_provider)}`;
    return {
      llm_provider,
      verdict,
      stored: isKept ? ('in_memory' as const) : ('no' as const),
      message: verdict === 'rejected' ? `${message} It was not stored.` : `${message} ${where}`,
    };
  },
});

function whereToPut(provider: keyof typeof providerFacts): string {
  return `To use it, put it into a Secret under "api-key" and name that in spec.llm.providers[].apiKeySecretRef (name: ${provider}) of the CodeSageServer, or set ${providerFacts[provider].keyVariable} for a local server.`;
}

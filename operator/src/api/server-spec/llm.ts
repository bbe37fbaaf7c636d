/** Decides which language models a server may ask, and with which keys. */
import { z } from 'zod';
import { endOfAuthority, field } from '../schema.ts';

const provider = z.object({
  name: field(z.enum(['groq', 'openrouter', 'google', 'openai']), 'The provider.'),
  apiKeySecretRef: field(
    z.object({
      name: field(z.string().min(1).max(253), 'Name of the Secret, in the same namespace.'),
      key: field(z.string().min(1).max(253).default('api-key'), 'Key of the Secret that holds the API key.'),
    }),
    'Where the API key is. A new key takes effect without a restart.',
  ),
  baseURL: field(
    z.string().max(2048).optional(),
    "Root of the provider's API, for a gateway of your own. The key and code are sent there. Default: the provider's own.",
    {
      rules: [
        {
          rule: `self.matches('^https?://([^/?#@:\\\\s]+|\\\\[[0-9A-Fa-f:.]+\\\\])${endOfAuthority}') && isURL(self)`,
          message: 'must be an http(s) URL without credentials: write for example https://llm-gateway.example.com/v1',
        },
      ],
    },
  ),
  defaultModel: field(z.string().min(1).max(200).optional(), 'Model for calls that name none.'),
});

export const llm = z.object({
  providers: field(
    z.array(provider).max(4).optional(),
    'Providers of language models, in the order in which they are asked. Without any, the tools that would ask one answer what can be said without.',
    { listMapKeys: ['name'] },
  ),
  timeoutSeconds: field(
    z.int().min(1).max(600).default(30),
    'Longest silence of a provider, before its answer begins and within it.',
  ),
  maxRetries: field(z.int().min(0).max(10).default(3), 'Attempts after the first one.'),
  allowKeysFromRequests: field(
    z.boolean().default(false),
    'Whether the tool configure_api_key may keep a key that a client sends: in memory, for the calls of that client.',
  ),
});

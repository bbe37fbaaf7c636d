/** Decides where each provider is reached, which model it is asked for by default, and what differs in how it is asked. */
import { environment, type LlmProviderName } from '../contract.ts';

export type ProviderFacts = {
  /** As people know it. */
  label: string;
  baseURL: string;
  /** Cheap, quick and meant to stay: of what each provider offered without a date of its end in November 2026. */
  defaultModel: string;
  /** Environment variable of its key. */
  keyVariable: string;
  /** Path below the base URL that answers 2xx only to holders of a key. */
  keyPath: string;
  /** Name of the parameter that bounds an answer: OpenAI's reasoning models refuse the older one. */
  tokenLimit: 'max_tokens' | 'max_completion_tokens';
  /** False: no bound is sent. Groq counts it against the tokens of a minute, used or not, and refuses free accounts for it. */
  sendsTokenLimit: boolean;
};

export const providerFacts: Readonly<Record<LlmProviderName, ProviderFacts>> = {
  groq: {
    label: 'Groq',
    baseURL: 'https://api.groq.com/openai/v1',
    defaultModel: 'openai/gpt-oss-120b',
    keyVariable: environment.groqApiKey,
    keyPath: '/models',
    tokenLimit: 'max_completion_tokens',
    sendsTokenLimit: false,
  },
  openrouter: {
    label: 'OpenRouter',
    baseURL: 'https://openrouter.ai/api/v1',
    defaultModel: 'openrouter/auto',
    keyVariable: environment.openrouterApiKey,
    // Its list of models is public: it would call every key valid.
    keyPath: '/key',
    // Without one it wants credit for the longest answer that the model could give.
    tokenLimit: 'max_tokens',
    sendsTokenLimit: true,
  },
  google: {
    label: 'Google',
    baseURL: 'https://generativelanguage.googleapis.com/v1beta/openai',
    defaultModel: 'gemini-3.5-flash-lite',
    keyVariable: environment.googleApiKey,
    keyPath: '/models',
    tokenLimit: 'max_tokens',
    sendsTokenLimit: true,
  },
  openai: {
    label: 'OpenAI',
    baseURL: 'https://api.openai.com/v1',
    defaultModel: 'gpt-6-luna',
    keyVariable: environment.openaiApiKey,
    keyPath: '/models',
    tokenLimit: 'max_completion_tokens',
    sendsTokenLimit: true,
  },
};

/** Decides where each provider is reached, which model it is asked for by default, and what differs in how it is asked. */
import { environment, type LlmProviderName } from '../contract.ts';

export type ProviderFacts = {
  /** As people know it. */
  label: string;
  baseURL: string;
  defaultModel: string;
  /** Environment variable of its key. */
  keyVariable: string;
  /** Path below the base URL that answers 2xx only to holders of a key. */
  keyPath: string;
  /** Name of the parameter that bounds an answer: OpenAI's reasoning models refuse the older one. */
  tokenLimit: 'max_tokens' | 'max_completion_tokens';
};

export const providerFacts: Readonly<Record<LlmProviderName, ProviderFacts>> = {
  groq: {
    label: 'Groq',
    baseURL: 'https://api.groq.com/openai/v1',
    defaultModel: 'llama-3.3-70b-versatile',
    keyVariable: environment.groqApiKey,
    keyPath: '/models',
    tokenLimit: 'max_completion_tokens',
  },
  openrouter: {
    label: 'OpenRouter',
    baseURL: 'https://openrouter.ai/api/v1',
    defaultModel: 'openrouter/auto',
    keyVariable: environment.openrouterApiKey,
    // Its list of models is public: it would call every key valid.
    keyPath: '/key',
    tokenLimit: 'max_tokens',
  },
  google: {
    label: 'Google',
    baseURL: 'https://generativelanguage.googleapis.com/v1beta/openai',
    defaultModel: 'gemini-2.5-flash',
    keyVariable: environment.googleApiKey,
    keyPath: '/models',
    tokenLimit: 'max_tokens',
  },
  openai: {
    label: 'OpenAI',
    baseURL: 'https://api.openai.com/v1',
    defaultModel: 'gpt-4.1-mini',
    keyVariable: environment.openaiApiKey,
    keyPath: '/models',
    tokenLimit: 'max_completion_tokens',
  },
};

/** Decides which provider a model's name means, and what that provider calls it. */
import { type LlmProviderName, llmProviderNames } from '../contract.ts';
import { CodeSageError } from '../errors.ts';

export type Route = { provider: LlmProviderName; model: string };

/** Models that Groq serves under names of their makers. */
const groqModels =
  /^(llama|mixtral|gpt-oss|gemma|allam|compound|deepseek-r1-distill|qwen|distil-whisper|whisper)|^(meta-llama|openai\/gpt-oss|moonshotai|qwen|groq|canopylabs)([/-]|$)/i;

/**
 * `openrouter/…` is OpenRouter's; `google/…` and `gemini…` Google's; `gpt…`, `o1`, `o3` and the like, `chatgpt…` and
 * `openai/…` OpenAI's; `llama…`, `mixtral…` and other names of Groq's models, or `groq/…`, Groq's.
 * @throws CodeSageError `InvalidArgument` for a name that tells no provider
 */
export function routeModel(name: string): Route {
  const model = name.trim();
  const lower = model.toLowerCase();
  if (lower.startsWith('openrouter/')) return { provider: 'openrouter', model: openrouterModel(model) };
  if (lower.startsWith('google/')) return { provider: 'google', model: model.slice('google/'.length) };
  if (lower.startsWith('gemini')) return { provider: 'google', model };
  if (groqModels.test(model)) return { provider: 'groq', model: groqModel(model) };
  if (lower.startsWith('openai/')) return { provider: 'openai', model: model.slice('openai/'.length) };
  if (/^(gpt-|chatgpt-|o\d)/.test(lower)) return { provider: 'openai', model };
  throw new CodeSageError(
    'InvalidArgument',
    'The name of the model tells no provider.',
    `Put the provider in front (${llmProviderNames.map((provider) => `${provider}/…`).join(', ')}), or leave llm_model out.`,
  );
}

/** `openrouter/auto` is a model of OpenRouter's own; in `openrouter/maker/model` the first part only routes. */
function openrouterModel(model: string): string {
  const rest = model.slice('openrouter/'.length);
  return rest.includes('/') ? rest : model;
}

/** `groq/compound` is a model of Groq's own; in `groq/llama…` the first part only routes. Groq calls gpt-oss by its maker. */
function groqModel(model: string): string {
  const name = /^groq\/(?!compound)/i.test(model) ? model.slice('groq/'.length) : model;
  return name.startsWith('gpt-oss') ? `openai/${name}` : name;
}

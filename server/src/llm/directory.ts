/** Decides which providers there are at this moment, where each is reached with which key, and which of them a question goes to. */
import { type LlmProviderName, type LlmSettings, llmProviderNames } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import type { Target } from './exchange.ts';
import type { KeyStore } from './keys.ts';
import type { LlmQuestion } from './port.ts';
import { providerFacts } from './providers.ts';
import { type Route, routeModel } from './route.ts';

export type Directory = {
  /** The configured providers in their order, then those that only have a key in the environment. */
  order: () => LlmProviderName[];
  /** The model that is asked where a question names none. */
  modelOf: (provider: LlmProviderName) => string;
  targetOf: (provider: LlmProviderName, key: string) => Target;
  /** @throws CodeSageError `LlmKeyMissing` */
  keyOf: (provider: LlmProviderName, caller: string | undefined) => Promise<string>;
  /** Who to ask, one after the other while they fail. @throws CodeSageError `LlmKeyMissing`, `InvalidArgument` */
  routesOf: (question: LlmQuestion, caller: string | undefined) => Promise<Route[]>;
};

export type DirectoryOptions = {
  settings: () => LlmSettings;
  env: Readonly<Record<string, string | undefined>>;
  keys: KeyStore;
};

export function createDirectory({ settings, env, keys }: DirectoryOptions): Directory {
  const configOf = (provider: LlmProviderName) => settings().providers.find(({ name }) => name === provider);
  const modelOf = (provider: LlmProviderName) =>
    configOf(provider)?.defaultModel ?? providerFacts[provider].defaultModel;
  const order = (): LlmProviderName[] => {
    const configured = settings().providers.map(({ name }) => name);
    const others = llmProviderNames.filter((name) => (env[providerFacts[name].keyVariable]?.trim() ?? '') !== '');
    return [...new Set([...configured, ...others])];
  };
  return {
    order,
    modelOf,
    targetOf: (provider, key) => {
      const facts = providerFacts[provider];
      return { facts, baseURL: configOf(provider)?.baseURL ?? facts.baseURL, key };
    },
    async keyOf(provider, caller) {
      const { key, problem } = await keys.find(provider, caller);
      if (key === undefined) throw noKeyFor(provider, problem);
      return key.value;
    },
    async routesOf({ model, provider }, caller) {
      if (provider !== undefined) return [{ provider, model: model ?? modelOf(provider) }];
      if (model !== undefined) {
        const own = order().find((name) => modelOf(name) === model);
        return [own === undefined ? routeModel(model) : { provider: own, model }];
      }
      const found: Route[] = [];
      // The others may have a key that the caller gave.
      for (const name of new Set([...order(), ...llmProviderNames]))
        if ((await keys.find(name, caller)).key !== undefined) found.push({ provider: name, model: modelOf(name) });
      if (found.length === 0) throw noKey();
      return found;
    },
  };
}

function noKey(): CodeSageError {
  return new CodeSageError('LlmKeyMissing', 'No model provider has a key.', 'Add one as configure_api_key tells.');
}

function noKeyFor(provider: LlmProviderName, problem: string | undefined): CodeSageError {
  const { label, keyVariable } = providerFacts[provider];
  const why = problem === undefined ? '' : ` ${problem}`;
  const remedy = `Name a Secret with it in spec.llm.providers of the CodeSageServer, or set ${keyVariable} for a local server.`;
  return new CodeSageError('LlmKeyMissing', `There is no key for ${label}.${why}`, remedy);
}

/** Decides which provider answers a question, with which key, and what is counted and logged of it. */
import type { Logger } from 'pino';
import { type LlmProviderName, type LlmSettings, llmProviderNames } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import { type Circuit, createCircuit, defaultCircuitPauseMs, withAttempts } from './attempts.ts';
import { requestCompletion, requestKeyCheck, type Target } from './exchange.ts';
import { type FailureKind, LlmFailure } from './failure.ts';
import { createKeyStore, isUsableKey, type Key } from './keys.ts';
import type { KeyCheck, LlmAnswer, LlmCall, LlmQuestion, LlmService } from './port.ts';
import { createProviderWatch } from './provider-watch.ts';
import { providerFacts } from './providers.ts';
import { type Route, routeModel } from './route.ts';

/** One question to a provider that ended, all attempts included; metrics count these. */
export type LlmObservation = { provider: LlmProviderName; outcome: 'ok' | FailureKind; seconds: number };

export type LlmServiceOptions = {
  /** As they are now: a reload may change them. */
  settings: () => LlmSettings;
  env: Readonly<Record<string, string | undefined>>;
  log: Logger;
  observe?: ((observation: LlmObservation) => void) | undefined;
  /** Milliseconds, only for differences and for dates in Retry-After. */
  now?: () => number;
  random?: () => number;
  /** Milliseconds for which a provider that keeps failing is left alone. */
  circuitPauseMs?: number;
};

/** An exchange may go on for this many times the longest silence. */
const silencesInWhole = 4;

/** Makes the service. It holds no connection and no timer between calls. */
export function createLlmService(options: LlmServiceOptions): LlmService {
  const { settings, env, log, observe, now = Date.now, random = Math.random } = options;
  const { circuitPauseMs = defaultCircuitPauseMs } = options;
  const watch = createProviderWatch(log);
  const keys = createKeyStore({
    settings,
    env,
    onChange: (provider) => log.info({ provider }, 'The key of the LLM API changed'),
  });
  const circuits = new Map<LlmProviderName, Circuit>();
  const circuitOf = (provider: LlmProviderName): Circuit => {
    const known = circuits.get(provider);
    if (known !== undefined) return known;
    const made = createCircuit(circuitPauseMs, () => log.warn({ provider }, 'The LLM API is left alone for a while'));
    circuits.set(provider, made);
    return made;
  };

  /** The configured ones in their order, then those that only have a key in the environment. */
  const order = (): LlmProviderName[] => {
    const configured = settings().providers.map(({ name }) => name);
    const others = llmProviderNames.filter((name) => (env[providerFacts[name].keyVariable]?.trim() ?? '') !== '');
    return [...new Set([...configured, ...others])];
  };
  const configOf = (provider: LlmProviderName) => settings().providers.find(({ name }) => name === provider);
  const modelOf = (provider: LlmProviderName) =>
    configOf(provider)?.defaultModel ?? providerFacts[provider].defaultModel;
  const targetOf = (provider: LlmProviderName, key: string): Target => ({
    facts: providerFacts[provider],
    baseURL: configOf(provider)?.baseURL ?? providerFacts[provider].baseURL,
    key,
  });
  const exchangeOptions = ({ signal, onProgress }: LlmCall, timeLeft: number) => {
    const silenceMs = settings().timeoutSeconds * 1000;
    return {
      signal,
      onProgress,
      silenceMs,
      wholeMs: Math.max(1, Math.min(timeLeft, silenceMs * silencesInWhole)),
      now,
    };
  };

  async function candidates({ model, provider }: LlmQuestion, caller: string | undefined): Promise<Route[]> {
    if (provider !== undefined) return [{ provider, model: model ?? modelOf(provider) }];
    if (model !== undefined) {
      const own = order().find((name) => modelOf(name) === model);
      return [own === undefined ? routeModel(model) : { provider: own, model }];
    }
    const found: Route[] = [];
    for (const name of new Set([...order(), ...llmProviderNames]))
      if ((await keys.find(name, caller)).key !== undefined) found.push({ provider: name, model: modelOf(name) });
    if (found.length === 0) throw noKey();
    return found;
  }

  async function keyOf(provider: LlmProviderName, caller: string | undefined): Promise<Key> {
    const { key, problem } = await keys.find(provider, caller);
    if (key === undefined) throw noKey(provider, problem);
    return key;
  }

  /** One question to one provider, with as many attempts as settings and time allow. */
  async function askOne({ provider, model }: Route, question: LlmQuestion, call: LlmCall, timeLeft: () => number) {
    const { label } = providerFacts[provider];
    const attempt = async (): Promise<LlmAnswer> => {
      // Asked for each time: a key may have been replaced since the last attempt.
      const key = await keyOf(provider, call.caller);
      const { system, prompt } = question;
      const asked = { system, prompt, model };
      const answer = await requestCompletion(targetOf(provider, key.value), asked, exchangeOptions(call, timeLeft()));
      return { provider, model, truncated: answer.truncated, text: answer.text.replaceAll(key.value, '***') };
    };
    const { maxRetries } = settings();
    const { signal } = call;
    return withAttempts({ label, circuit: circuitOf(provider), maxRetries, signal, timeLeft, random }, attempt);
  }

  /** The same, counted and told in the log. */
  async function askCounted(route: Route, question: LlmQuestion, call: LlmCall, timeLeft: () => number) {
    const { provider } = route;
    const started = now();
    const end = (outcome: LlmObservation['outcome']) =>
      observe?.({ provider, outcome, seconds: (now() - started) / 1000 });
    try {
      const answer = await askOne(route, question, call, timeLeft);
      end('ok');
      watch.succeeded(provider);
      return answer;
    } catch (error) {
      if (error instanceof LlmFailure) {
        end(error.kind);
        watch.failed(provider, error);
      }
      throw error;
    }
  }

  return {
    async providers(caller) {
      return Promise.all(
        order().map(async (name) => {
          const { key, problem } = await keys.find(name, caller);
          return {
            name,
            model: modelOf(name),
            ...(key !== undefined && { keyFrom: key.from }),
            ...(problem !== undefined && { problem }),
            circuitOpen: circuits.get(name)?.isOpen() ?? false,
          };
        }),
      );
    },

    circuits: () => [...circuits].map(([provider, circuit]) => ({ provider, isOpen: circuit.isOpen() })),

    async ask(question, call) {
      const end = now() + call.timeMs;
      const timeLeft = () => end - now();
      const routes = await candidates(question, call.caller);
      for (const [index, route] of routes.entries()) {
        try {
          return await askCounted(route, question, call, timeLeft);
        } catch (error) {
          const isLast = index === routes.length - 1;
          if (isLast || !(error instanceof LlmFailure) || error.kind === 'cancelled' || timeLeft() <= 0) throw error;
        }
      }
      throw noKey();
    },

    async verifyKey(provider, given, call): Promise<KeyCheck> {
      const { label } = providerFacts[provider];
      const rejected = (message: string): KeyCheck => ({ provider, verdict: 'rejected', message });
      if (given !== undefined && !isUsableKey(given))
        return rejected('This is no key: keys are 8 to 1000 visible ASCII characters without spaces.');
      try {
        const value = given ?? (await keyOf(provider, call.caller)).value;
        await requestKeyCheck(targetOf(provider, value), exchangeOptions(call, call.timeMs));
        return { provider, verdict: 'valid', message: `${label} accepts the key.` };
      } catch (error) {
        if (!(error instanceof LlmFailure) || error.kind === 'cancelled') throw error;
        if (error.kind === 'key_rejected') return rejected(error.message);
        return { provider, verdict: 'unknown', message: `${error.message} ${error.remedy}` };
      }
    },

    keepKey(provider, key, caller) {
      if (!settings().allowKeysFromRequests) return false;
      keys.keep(provider, key, caller);
      return true;
    },
  };
}

function noKey(provider?: LlmProviderName, problem?: string): CodeSageError {
  if (provider === undefined)
    return new CodeSageError('LlmKeyMissing', 'No model provider has a key.', 'Add one as configure_api_key tells.');
  const { label, keyVariable } = providerFacts[provider];
  const why = problem === undefined ? '' : ` ${problem}`;
  const remedy = `Name a Secret with it in spec.llm.providers of the CodeSageServer, or set ${keyVariable} for a local server.`;
  return new CodeSageError('LlmKeyMissing', `There is no key for ${label}.${why}`, remedy);
}

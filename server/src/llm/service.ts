/** Decides how a question is asked: of whom, how many at once, and what is counted and logged of it. */
import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { LlmProviderName, LlmSettings } from '../contract.ts';
import { type Circuit, createCircuit, defaultCircuitPauseMs, leastAttemptMs, withAttempts } from './attempts.ts';
import { createDirectory, type Directory } from './directory.ts';
import { type ExchangeOptions, requestCompletion, requestKeyCheck } from './exchange.ts';
import { type FailureKind, LlmFailure } from './failure.ts';
import { createKeyStore, isUsableKey } from './keys.ts';
import type { KeyCheck, LlmAnswer, LlmCall, LlmQuestion, LlmService } from './port.ts';
import { createProviderWatch } from './provider-watch.ts';
import { providerFacts } from './providers.ts';
import type { Route } from './route.ts';

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
/** Exchanges with one provider at once; more wait. Each costs money, and a client may ask for any number. */
const exchangesAtOnce = 8;
/** Keys that one client may have checked in a minute, so that nobody tries out lists of them from here. */
const checksPerMinute = 10;

/** What every question needs. */
type Room = Required<Pick<LlmServiceOptions, 'settings' | 'now' | 'random'>> & {
  directory: Directory;
  laneOf: (provider: LlmProviderName) => Lane;
};
type Lane = { circuit: Circuit; queue: PQueue };

/** Makes the service. It holds no connection and no timer between calls. */
export function createLlmService(options: LlmServiceOptions): LlmService {
  const { settings, env, log, observe, now = Date.now, random = Math.random } = options;
  const onChange = (provider: LlmProviderName) => log.info({ provider }, 'The key of the LLM API changed');
  const keys = createKeyStore({ settings, env, onChange });
  const directory = createDirectory({ settings, env, keys });
  const lanes = createLanes(options.circuitPauseMs ?? defaultCircuitPauseMs, log);
  const room: Room = { settings, now, random, directory, laneOf: lanes.of };
  const watch = createProviderWatch(log);
  const checks = new RateLimiterMemory({ points: checksPerMinute, duration: 60 });

  /** One provider, counted and told in the log. */
  async function askCounted(route: Route, question: LlmQuestion, call: LlmCall, timeLeft: () => number) {
    const { provider } = route;
    const started = now();
    const end = (outcome: LlmObservation['outcome']) =>
      observe?.({ provider, outcome, seconds: (now() - started) / 1000 });
    try {
      const answer = await askOne(room, route, question, call, timeLeft);
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
    providers: (caller) =>
      Promise.all(
        directory.order().map(async (name) => {
          const { key, problem } = await keys.find(name, caller);
          return {
            name,
            model: directory.modelOf(name),
            ...(key !== undefined && { keyFrom: key.from }),
            ...(problem !== undefined && { problem }),
            circuitOpen: lanes.states().some(({ provider, isOpen }) => provider === name && isOpen),
          };
        }),
      ),
    circuits: lanes.states,

    async ask(question, call) {
      const end = now() + call.timeMs;
      const timeLeft = () => end - now();
      const routes = await directory.routesOf(question, call.caller);
      for (;;) {
        const route = routes.shift() as Route;
        // One that says nothing must leave time for those after it.
        const routeEnd = now() + (routes.length === 0 ? timeLeft() : timeLeft() / 2);
        try {
          return await askCounted(route, question, call, () => routeEnd - now());
        } catch (error) {
          const isOver = routes.length === 0 || timeLeft() < leastAttemptMs;
          if (isOver || !(error instanceof LlmFailure) || error.kind === 'cancelled') throw error;
        }
      }
    },

    async verifyKey(provider, given, call) {
      if (given === undefined) return checkKey(room, provider, await directory.keyOf(provider, call.caller), call);
      if (!isUsableKey(given))
        return {
          provider,
          verdict: 'rejected',
          message: 'This is no key: keys are 8 to 1000 visible ASCII characters without spaces.',
        };
      const isPossible = await checks.consume(call.caller ?? '').then(
        () => true,
        () => false,
      );
      if (isPossible) return checkKey(room, provider, given, call);
      const message = `No more than ${checksPerMinute} keys are checked in a minute: try again in a minute.`;
      return { provider, verdict: 'unknown', message };
    },

    keepKey(provider, key, caller) {
      if (!settings().allowKeysFromRequests) return false;
      keys.keep(provider, key, caller);
      return true;
    },
  };
}

/** One question to one provider, with as many attempts as settings and time allow. */
async function askOne(
  { settings, directory, laneOf, random, now }: Room,
  { provider, model }: Route,
  { system, prompt }: LlmQuestion,
  call: LlmCall,
  timeLeft: () => number,
): Promise<LlmAnswer> {
  const { label } = providerFacts[provider];
  const { circuit, queue } = laneOf(provider);
  const attempt = async (): Promise<LlmAnswer> => {
    // Asked for each time: a key may have been replaced since the last attempt.
    const key = await directory.keyOf(provider, call.caller);
    const target = directory.targetOf(provider, key);
    const { text, truncated } = await requestCompletion(
      target,
      { system, prompt, model },
      exchangeOptions(settings(), call, timeLeft(), now),
    );
    return { provider, model, truncated, text: text.replaceAll(key, '***') };
  };
  const inTurn = async () => {
    const mustWait = queue.pending >= exchangesAtOnce;
    const turn = queue.add(
      () => {
        // A provider is not to blame for the time that was spent in line.
        if (mustWait && timeLeft() < leastAttemptMs) throw new LlmFailure('busy', label);
        return circuit.policy.execute(attempt, call.signal);
      },
      { signal: call.signal },
    );
    return turn.catch((error: unknown) => {
      throw call.signal.aborted ? new LlmFailure('cancelled', label) : error;
    });
  };
  const { maxRetries } = settings();
  return withAttempts({ label, maxRetries, signal: call.signal, timeLeft, random }, inTurn);
}

async function checkKey(
  { settings, directory, now }: Room,
  provider: LlmProviderName,
  key: string,
  call: LlmCall,
): Promise<KeyCheck> {
  try {
    await requestKeyCheck(directory.targetOf(provider, key), exchangeOptions(settings(), call, call.timeMs, now));
    return { provider, verdict: 'valid', message: `${providerFacts[provider].label} accepts the key.` };
  } catch (error) {
    if (!(error instanceof LlmFailure) || error.kind === 'cancelled') throw error;
    const { kind, message, remedy } = error;
    if (kind === 'key_rejected') return { provider, verdict: 'rejected', message };
    return { provider, verdict: 'unknown', message: `${message} ${remedy}` };
  }
}

function exchangeOptions(
  { timeoutSeconds }: LlmSettings,
  { signal, onProgress }: LlmCall,
  timeLeft: number,
  now: () => number,
): ExchangeOptions {
  const silenceMs = timeoutSeconds * 1000;
  const wholeMs = Math.max(1, Math.min(timeLeft, silenceMs * silencesInWhole));
  return { signal, onProgress, silenceMs, wholeMs, now };
}

/** The circuit and the line of each provider, made when it is first asked. */
function createLanes(pauseMs: number, log: Logger) {
  const lanes = new Map<LlmProviderName, Lane>();
  return {
    of(provider: LlmProviderName): Lane {
      const known = lanes.get(provider);
      if (known !== undefined) return known;
      const tell = () => log.warn({ provider }, 'The LLM API is left alone for a while');
      const made = { circuit: createCircuit(pauseMs, tell), queue: new PQueue({ concurrency: exchangesAtOnce }) };
      lanes.set(provider, made);
      return made;
    },
    states: () => [...lanes].map(([provider, { circuit }]) => ({ provider, isOpen: circuit.isOpen() })),
  };
}

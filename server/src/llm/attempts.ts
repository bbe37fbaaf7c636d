/** Decides how often a provider is tried, how long to wait between two attempts, and when it is left alone. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import { isWorthRetrying, LlmFailure, speaksAgainstProvider } from './failure.ts';

export type Circuit = { policy: CircuitBreakerPolicy; isOpen: () => boolean };

/** Failures in a row after which a provider is left alone. */
const failuresToOpen = 5;
export const defaultCircuitPauseMs = 30_000;

/** Makes the circuit breaker of one provider. After the pause one call is let through, which decides. */
export function createCircuit(pauseMs: number, onBreak: () => void): Circuit {
  const policy = circuitBreaker(
    handleWhen(
      (error) =>
        error instanceof LlmFailure &&
        // A cancelled trial call says nothing of the provider, and must not close the circuit.
        (speaksAgainstProvider(error) || (error.kind === 'cancelled' && policy.state === CircuitState.HalfOpen)),
    ),
    { breaker: new ConsecutiveBreaker(failuresToOpen), halfOpenAfter: pauseMs },
  );
  policy.onBreak(onBreak);
  return { policy, isOpen: () => policy.state === CircuitState.Open };
}

export type AttemptOptions = {
  label: string;
  maxRetries: number;
  signal: AbortSignal;
  /** Milliseconds left for attempts and pauses. */
  timeLeft: () => number;
  /** 0 to 1, for the jitter. */
  random: () => number;
};

/** An attempt that has less time than this is not begun. */
export const leastAttemptMs = 1000;
const firstPauseMs = 500;
const longestPauseMs = 8000;

/**
 * Milliseconds before attempt `retry` (from 1), or undefined when there is no time for it. What the provider asks for
 * counts; else it doubles from half a second, the half of it by chance, so that callers do not come back all at once.
 */
export function pauseBefore(retry: number, failure: LlmFailure, timeLeft: number, random: number): number | undefined {
  const doubled = Math.min(longestPauseMs, firstPauseMs * 2 ** (retry - 1));
  const wanted = failure.retryAfterMs ?? doubled * (0.5 + random / 2);
  return wanted + leastAttemptMs > timeLeft ? undefined : wanted;
}

/** Runs `attempt` until it succeeds, cannot succeed, or there is no time left. @throws LlmFailure */
export async function withAttempts<T>(options: AttemptOptions, attempt: () => Promise<T>): Promise<T> {
  const { label, maxRetries, signal, timeLeft, random } = options;
  for (let retry = 1; ; retry += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw new LlmFailure('circuit_open', label);
      if (!(error instanceof LlmFailure) || !isWorthRetrying(error) || retry > maxRetries) throw error;
      const wait = pauseBefore(retry, error, timeLeft(), random());
      if (wait === undefined) throw error;
      await pause(wait, undefined, { signal }).catch(() => {
        throw new LlmFailure('cancelled', label);
      });
    }
  }
}

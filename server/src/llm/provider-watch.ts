/** Decides what the log says of providers: the first failure, each other kind of failure, and the end of them. */
import type { Logger } from 'pino';
import type { LlmProviderName } from '../contract.ts';
import type { LlmFailure } from './failure.ts';

export type ProviderWatch = {
  failed: (provider: LlmProviderName, failure: LlmFailure) => void;
  succeeded: (provider: LlmProviderName) => void;
};

/** Failures that say something of the way to the provider or its key, and nothing of the one question. */
const silent = new Set(['busy', 'too_large', 'refused']);

/** Makes the watch. A provider that keeps failing in the same way is told once. */
export function createProviderWatch(log: Logger): ProviderWatch {
  const failing = new Map<LlmProviderName, { kind: string; calls: number }>();
  return {
    failed(provider, { kind, status }) {
      if (kind === 'cancelled') return;
      const fields = { provider, code: kind, ...(status !== undefined && { status }) };
      const before = failing.get(provider);
      // An open circuit is what the failures before it led to.
      const isSame = before !== undefined && (before.kind === kind || kind === 'circuit_open');
      if (isSame || silent.has(kind)) {
        if (before !== undefined) before.calls += 1;
        log.debug(fields, 'Failed to connect to LLM API');
        return;
      }
      failing.set(provider, { kind, calls: (before?.calls ?? 0) + 1 });
      // The runbook's patterns have this line among the errors.
      log.error(fields, 'Failed to connect to LLM API');
    },
    succeeded(provider) {
      const before = failing.get(provider);
      if (before === undefined) return;
      failing.delete(provider);
      log.info({ provider, failedCalls: before.calls }, 'LLM API answers again');
    },
  };
}

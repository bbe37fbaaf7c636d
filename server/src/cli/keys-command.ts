/** Decides `codesage keys verify`: whether the providers take the keys that this configuration and environment have for them. */
import { type LlmProviderName, llmProviderNames } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import type { KeyCheck } from '../llm/port.ts';
import { createLlmService } from '../llm/service.ts';
import { createLogger } from '../observability/logger.ts';
import { type CliDeps, settingsFor } from './deps.ts';
import { exitCodes } from './exit-codes.ts';

export type KeysVerifyFlags = { provider?: string; json?: boolean };

type Line = { provider: LlmProviderName; verdict: KeyCheck['verdict'] | 'missing'; message: string };

/** Exit code 0: every key that there is was taken. The keys themselves are never printed. */
export async function keysVerifyCommand(flags: KeysVerifyFlags, deps: CliDeps): Promise<number> {
  const { config } = settingsFor(deps, {});
  const log = createLogger({ level: 'error', format: 'text' }, { write: () => {} });
  const llm = createLlmService({ settings: () => config.llm, env: deps.env, log });
  const names =
    flags.provider === undefined ? (await llm.providers()).map(({ name }) => name) : [named(flags.provider)];
  if (names.length === 0)
    throw new CodeSageError(
      'ConfigInvalid',
      'No model provider is configured, and no key is in the environment.',
      'Set GROQ_API_KEY, OPENROUTER_API_KEY, GOOGLE_API_KEY or OPENAI_API_KEY, or llm.providers in the configuration file.',
    );
  const timeMs = config.llm.timeoutSeconds * 1000;
  const lines = await Promise.all(names.map((name) => check(name)));
  if (flags.json === true) deps.stdout.write(`${JSON.stringify({ keys: lines })}\n`);
  else
    for (const { provider, verdict, message } of lines)
      deps.stdout.write(`${verdict.toUpperCase().padEnd(10)}${provider.padEnd(12)}${message}\n`);
  return lines.every(({ verdict }) => verdict === 'valid') ? exitCodes.ok : exitCodes.failed;

  async function check(provider: LlmProviderName): Promise<Line> {
    try {
      return await llm.verifyKey(provider, undefined, { signal: new AbortController().signal, timeMs });
    } catch (error) {
      if (!(error instanceof CodeSageError) || error.code !== 'LlmKeyMissing') throw error;
      return { provider, verdict: 'missing', message: `${error.message} ${error.remedy}` };
    }
  }
}

function named(text: string): LlmProviderName {
  const found = llmProviderNames.find((name) => name === text);
  if (found !== undefined) return found;
  throw new CodeSageError('InvalidArgument', '--provider names none.', `Write one of: ${llmProviderNames.join(', ')}.`);
}

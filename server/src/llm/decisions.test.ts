/** Decides whether models find their provider, pauses and codes are what they should be, without any network. */
import { describe, expect, test } from 'vitest';
import { pauseBefore } from './attempts.ts';
import { kindOfStatus, LlmFailure, parseRetryAfter, safeReason } from './failure.ts';
import { isUsableKey } from './keys.ts';
import { routeModel } from './route.ts';

describe('routeModel', () => {
  test.each([
    ['openrouter/anthropic/claude-sonnet-4', 'openrouter', 'anthropic/claude-sonnet-4'],
    ['openrouter/google/gemini-2.5-flash', 'openrouter', 'google/gemini-2.5-flash'],
    ['openrouter/auto', 'openrouter', 'openrouter/auto'],
    ['llama3-8b-8192', 'groq', 'llama3-8b-8192'],
    ['llama-3.3-70b-versatile', 'groq', 'llama-3.3-70b-versatile'],
    ['mixtral-8x7b-32768', 'groq', 'mixtral-8x7b-32768'],
    ['meta-llama/llama-4-scout-17b-16e-instruct', 'groq', 'meta-llama/llama-4-scout-17b-16e-instruct'],
    ['openai/gpt-oss-120b', 'groq', 'openai/gpt-oss-120b'],
    ['groq/llama-3.1-8b-instant', 'groq', 'llama-3.1-8b-instant'],
    ['groq/compound-mini', 'groq', 'groq/compound-mini'],
    ['google/gemini-2.5-pro', 'google', 'gemini-2.5-pro'],
    ['gemini-2.5-flash', 'google', 'gemini-2.5-flash'],
    ['gpt-6-luna', 'openai', 'gpt-6-luna'],
    ['groq/openai/gpt-oss-120b', 'groq', 'openai/gpt-oss-120b'],
    ['gpt-oss-20b', 'groq', 'openai/gpt-oss-20b'],
    ['o3-mini', 'openai', 'o3-mini'],
    ['openai/gpt-4.1', 'openai', 'gpt-4.1'],
    [' GPT-4.1 ', 'openai', 'GPT-4.1'],
  ])('[llm.routing] %s is asked of %s as %s', (name, provider, model) => {
    expect(routeModel(name)).toEqual({ provider, model });
  });

  test.each(['claude-sonnet-4', 'openrouterx', 'ollama', 'x'])('[llm.routing] %s tells no provider', (name) => {
    expect(() => routeModel(name)).toThrow(
      expect.objectContaining({ code: 'InvalidArgument', remedy: expect.stringMatching(/openrouter\/…/) }),
    );
  });
});

test.each([
  ['0', 0],
  ['1.5', 1500],
  [' 120 ', 120_000],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 50_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  ['-5', undefined],
  [null, undefined],
])('[llm.retries] Retry-After %j asks for %j ms', (header, expected) => {
  expect(parseRetryAfter(header, 10_000)).toBe(expected);
});

describe('pauseBefore', () => {
  const failure = new LlmFailure('server_error', 'Groq');
  const resting = new LlmFailure('rate_limited', 'Groq', { retryAfterMs: 3000 });

  test('[llm.retries] doubles up to a bound, half of it by chance', () => {
    const pauses = [1, 2, 3, 4, 5, 6].map((retry) =>
      [0, 1].map((chance) => pauseBefore(retry, failure, 60_000, chance)),
    );
    expect(pauses).toEqual([
      [250, 500],
      [500, 1000],
      [1000, 2000],
      [2000, 4000],
      [4000, 8000],
      [4000, 8000],
    ]);
  });

  test('[llm.retries] is what the provider asks for, and none where there is no time for it', () => {
    expect(pauseBefore(1, resting, 60_000, 0.5)).toBe(3000);
    expect(pauseBefore(1, resting, 4000, 0.5)).toBe(3000);
    expect(pauseBefore(1, resting, 3999, 0.5)).toBeUndefined();
    expect(pauseBefore(1, failure, 1200, 0)).toBeUndefined();
  });
});

test.each([
  [401, 'key_rejected'],
  [403, 'key_rejected'],
  [402, 'refused'],
  [404, 'refused'],
  [413, 'refused'],
  [408, 'server_error'],
  [409, 'server_error'],
  [429, 'rate_limited'],
  [500, 'server_error'],
  [529, 'server_error'],
  [302, 'redirected'],
])('[llm.failures] status %i is %s', (status, kind) => {
  expect(kindOfStatus(status)).toBe(kind);
});

test.each([
  ['invalid_api_key', true],
  ['model_not_found', true],
  ['ECONNREFUSED', true],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true],
  ['sk-proj-abcdef', false],
  ['gsk_4xYz0123', false],
  ['Incorrect API key provided', false],
  ['abcdefghijklmnopqrstuvwxyz', false],
  ['', false],
  [7, false],
])('[llm.secrecy] the code %j is told: %j', (text, told) => {
  expect(safeReason(text)).toBe(told ? text : undefined);
});

test.each([
  ['gsk_0123456789', true],
  ['short', false],
  ['with space 1', false],
  ['with\nline-1234', false],
  ['schlüssel-123', false],
  ['x'.repeat(1001), false],
])('[llm.secrecy] %j can be a key: %j', (text, usable) => {
  expect(isUsableKey(text)).toBe(usable);
});

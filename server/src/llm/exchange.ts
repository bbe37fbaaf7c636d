/** Decides how one attempt at a provider goes: the request, the answer in parts or whole, and what a failure of it is. */
import type OpenAI from 'openai';
import { z } from 'zod';
import { type FailureDetail, type FailureKind, kindOfStatus, LlmFailure, safeReason } from './failure.ts';
import type { ProviderFacts } from './providers.ts';
import { type Guard, guardExchange } from './transport.ts';

/** Where an attempt goes, and with which key. */
export type Target = { facts: ProviderFacts; baseURL: string; key: string };

export type ExchangeOptions = {
  signal: AbortSignal;
  silenceMs: number;
  wholeMs: number;
  now: () => number;
  onProgress?: ((characters: number) => void) | undefined;
};

export type Completion = { text: string; truncated: boolean };

/** Characters that are read of an answer; what a tool can pass on. */
export const maxAnswerCharacters = 40_000;
/** Each streamed word, those of reasoning too, comes in some hundred bytes of framing. */
const maxStreamBytes = 8 * 1024 * 1024;
/** What is read as a whole: answers of gateways that cannot stream, and errors. */
const maxWholeBytes = 1024 * 1024;
/** Tokens that a model may write, those of its reasoning included. */
const maxAnswerTokens = 16_384;

const finish = z.string().nullish();
const streamedPart = z.object({
  choices: z
    .array(z.object({ delta: z.object({ content: z.string().nullish() }).nullish(), finish_reason: finish }))
    .default([]),
});
const wholeAnswer = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }), finish_reason: finish })).min(1),
});

/** Asks for a completion. @throws LlmFailure */
export async function requestCompletion(
  target: Target,
  question: { system: string; prompt: string; model: string },
  options: ExchangeOptions,
): Promise<Completion> {
  return exchange(target, options, async (client, library) => {
    const { model, system, prompt } = question;
    const { tokenLimit, sendsTokenLimit } = target.facts;
    const response = await client.chat.completions
      .create({
        model,
        stream: true,
        ...(sendsTokenLimit && { [tokenLimit]: maxAnswerTokens }),
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: prompt },
        ],
      })
      .asResponse();
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('application/json')) return readWhole(await response.json());
    if (!type.startsWith('text/event-stream')) throw new Malformed();
    // With the client, whose log is off: without one the library would write to the console.
    return readParts(
      library.Stream.fromSSEResponse<unknown>(response, new AbortController(), client),
      options.onProgress,
    );
  });
}

/** Resolves when the provider takes the key. @throws LlmFailure `key_rejected` when it does not, or why it cannot say */
export async function requestKeyCheck(target: Target, options: ExchangeOptions): Promise<void> {
  await exchange(target, options, async (client) => {
    await client.get(target.facts.keyPath).asResponse();
  }).catch((error: unknown) => {
    // Google answers 400 to a key that it does not know, and there is nothing else in this request to refuse.
    if (error instanceof LlmFailure && error.status === 400)
      throw new LlmFailure('key_rejected', target.facts.label, { status: 400 });
    throw error;
  });
}

/** The answer is not what the protocol says. */
class Malformed extends Error {}
/** The answer ended before its end. */
class Cut extends Error {}
/** Thinking took all that the answer might have. */
class NothingLeft extends Error {}

type Library = { Stream: typeof import('openai/streaming')['Stream']; APIError: (typeof OpenAI)['APIError'] };

async function exchange<T>(
  { facts, baseURL, key }: Target,
  options: ExchangeOptions,
  work: (client: OpenAI, library: Library) => Promise<T>,
): Promise<T> {
  const { signal, silenceMs, wholeMs, now } = options;
  // Loaded with the first question: most servers never ask one, and it takes tens of megabytes.
  const [{ OpenAI }, { Stream }] = await Promise.all([import('openai'), import('openai/streaming')]);
  const guard = guardExchange(signal, { silenceMs, wholeMs, maxStreamBytes, maxWholeBytes }, now);
  try {
    // All that the library would else take from variables meant for OpenAI is said here.
    const client = new OpenAI({
      apiKey: key,
      baseURL,
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      timeout: wholeMs,
      logLevel: 'off',
      fetch: guard.fetch,
    });
    const result = await work(client, { Stream, APIError: OpenAI.APIError });
    const late = guard.verdict();
    if (late !== undefined) throw new LlmFailure(late.kind, facts.label, late.detail);
    return result;
  } catch (error) {
    throw error instanceof LlmFailure ? error : toFailure(error, guard, { facts, key }, OpenAI.APIError);
  } finally {
    guard.close();
  }
}

async function readParts(parts: AsyncIterable<unknown>, onProgress?: (characters: number) => void) {
  let text = '';
  let ended: string | undefined;
  for await (const part of parts) {
    const parsed = streamedPart.safeParse(part);
    if (!parsed.success) throw new Malformed();
    const [choice] = parsed.data.choices;
    const added = choice?.delta?.content ?? '';
    text += added;
    ended = choice?.finish_reason ?? ended;
    if (added !== '') onProgress?.(text.length);
    if (text.length > maxAnswerCharacters) return { text: shortened(text), truncated: true };
  }
  // The library takes a connection that just ends for the end of the answer.
  if (ended === undefined) throw new Cut();
  return completionOf(text, ended);
}

function readWhole(answer: unknown): Completion {
  const parsed = wholeAnswer.safeParse(answer);
  const choice = parsed.data?.choices[0];
  if (choice === undefined) throw new Malformed();
  return completionOf(choice.message.content ?? '', choice.finish_reason ?? 'stop');
}

/** A cut may go through a character of two units. */
function shortened(text: string): string {
  return text.slice(0, maxAnswerCharacters).toWellFormed();
}

function completionOf(text: string, ended: string): Completion {
  if (text.trim() === '') throw ended === 'length' ? new NothingLeft() : new Malformed();
  return { text: shortened(text), truncated: ended !== 'stop' || text.length > maxAnswerCharacters };
}

/** What was thrown, as a failure that holds nothing of what the provider wrote but codes. */
function toFailure(
  error: unknown,
  guard: Guard,
  { facts: { label }, key }: Pick<Target, 'facts' | 'key'>,
  APIError: Library['APIError'],
): LlmFailure {
  const verdict = guard.verdict();
  const body = error instanceof APIError ? errorBody.safeParse(error.error).data : undefined;
  const code = safeReason(body?.code) ?? safeReason(body?.type);
  const reason = code !== undefined && key.includes(code) ? undefined : code;
  if (verdict !== undefined) {
    const kind = verdict.kind === 'refused' && namesKey(error, APIError) ? 'key_rejected' : verdict.kind;
    return new LlmFailure(kind, label, { ...verdict.detail, reason });
  }
  if (error instanceof Malformed || error instanceof SyntaxError) return new LlmFailure('malformed', label);
  if (error instanceof Cut) return new LlmFailure('cut', label);
  if (error instanceof NothingLeft) return new LlmFailure('too_large', label);
  if (body !== undefined) return new LlmFailure(kindOfStreamed(body), label, { reason });
  return new LlmFailure(...connectionFailure(error, label));
}

const errorBody = z.object({ code: z.union([z.string(), z.number()]).nullish(), type: z.string().nullish() });

/** An error in the middle of a stream, which began with status 200; OpenRouter puts the status into its code. */
function kindOfStreamed({ code }: z.infer<typeof errorBody>): FailureKind {
  const status = Number(code);
  return Number.isInteger(status) && status >= 400 && status < 600 ? kindOfStatus(status) : 'server_error';
}

/** Google answers 400 to a key that it does not know, and 400 to a bad question as well. */
function namesKey(error: unknown, APIError: Library['APIError']): boolean {
  return (
    error instanceof APIError &&
    /API_KEY_INVALID|api key not (valid|found)/i.test(JSON.stringify(error.error ?? error.message))
  );
}

/** The system's code of a connection that failed; one that answered before was cut. */
function connectionFailure(error: unknown, label: string): [FailureKind, string, FailureDetail] {
  let reason: string | undefined;
  for (let cause: unknown = error; cause instanceof Error && reason === undefined; cause = cause.cause)
    reason = 'code' in cause ? safeReason(cause.code) : undefined;
  const isCut = reason === 'ECONNRESET' || reason === 'UND_ERR_SOCKET' || reason === 'EPIPE';
  return [isCut ? 'cut' : 'unreachable', label, { reason }];
}

/** Decides how a wrapper around a model provider's API reads in TypeScript and JavaScript. */
import type { WrapperSubject } from '../wrapper.ts';

type Types = { options: string; error: string; text: string; status: string; value: string; pause: string };

const typed: Types = {
  options: ': CompleteOptions',
  error: 'readonly status: number | undefined;\n\n  ',
  text: ': Promise<string>',
  status: ': string, status?: number',
  value: ': unknown',
  pause: ': number, retryAfter: string | null): number',
};
const untyped: Types = { options: '', error: '', text: '', status: ', status', value: '', pause: ', retryAfter)' };

const optionsType = `
export type CompleteOptions = {
  system?: string;
  model?: string;
  maxTokens?: number;
  temperature?: number;
  timeoutMs?: number;
  maxRetries?: number;
  url?: string;
  signal?: AbortSignal;
};
`;

export function typescriptWrapper(subject: WrapperSubject): string {
  return render(subject, typed, optionsType);
}

export function javascriptWrapper(subject: WrapperSubject): string {
  return render(subject, untyped, '');
}

function render(
  { label, baseURL, model, keyVariable, tokenLimit }: WrapperSubject,
  types: Types,
  declarations: string,
): string {
  const isTyped = declarations !== '';
  const string = isTyped ? ': string' : '';
  return `/** Asks ${label}'s models: with a time limit, retries and errors that say what to do. */
import { setTimeout as sleep } from 'node:timers/promises';

const API_URL = '${baseURL}/chat/completions';
const MODEL = '${model}';
const API_KEY_ENV = '${keyVariable}';

const RETRIED_STATUSES = new Set([408, 409, 429, 500, 502, 503, 504]);
${declarations}
/** A call that failed. \`status\` is the HTTP status, undefined where no answer came. */
export class LlmError extends Error {
  ${types.error}constructor(message${types.status}) {
    super(message);
    this.name = 'LlmError';
    this.status = status;
  }
}

/**
 * Resolves with the model's answer to a prompt.
 * @throws LlmError when the key is missing or refused, or when every attempt failed.
 */
export async function complete(prompt${string}, options${types.options} = {})${types.text} {
  const { system, model = MODEL, maxTokens = 1024, temperature, timeoutMs = 30_000, maxRetries = 3 } = options;
  const { url = API_URL, signal } = options;
  const key = process.env[API_KEY_ENV]?.trim();
  if (!key) throw new LlmError(\`Set the environment variable \${API_KEY_ENV} to your API key.\`);
  const messages = [...(system === undefined ? [] : [{ role: 'system', content: system }]), { role: 'user', content: prompt }];
  const body = JSON.stringify({ model, messages, ${tokenLimit}: maxTokens, temperature });
  const headers = { Authorization: \`Bearer \${key}\`, 'Content-Type': 'application/json' };
  for (let attempt = 0; ; attempt++) {
    const isLast = attempt >= maxRetries;
    const limit = AbortSignal.timeout(timeoutMs);
    let retryAfter${isTyped ? ': string | null' : ''} = null;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      });
      if (response.ok) return textOf(await response.json());
      const failure = new LlmError(await messageOf(response), response.status);
      if (isLast || !RETRIED_STATUSES.has(response.status)) throw failure;
      retryAfter = response.headers.get('retry-after');
    } catch (error) {
      if (error instanceof LlmError) throw error;
      if (isLast || signal?.aborted) throw new LlmError(\`No answer from \${url}: \${String(error)}\`);
    }
    await sleep(pauseMs(attempt, retryAfter), undefined, { signal });
  }
}

function textOf(answer${isTyped ? ': { choices?: { message?: { content?: string | null } }[] }' : ''})${string} {
  const message = answer?.choices?.[0]?.message;
  if (message === undefined) throw new LlmError('The answer is not a chat completion.');
  return message.content ?? '';
}

async function messageOf(response${isTyped ? ': Response' : ''})${types.text} {
  const { status } = response;
  if (status === 401 || status === 403) return \`The API key in \${API_KEY_ENV} was refused (HTTP \${status}).\`;
  return \`HTTP \${status}: \${(await response.text()).slice(0, 500)}\`;
}

/** Milliseconds to wait: what the server asks for, else twice as long each time, with some chance in it. */
function pauseMs(attempt${types.pause} {
  if (retryAfter !== null && /^\\d+$/.test(retryAfter)) return Math.min(Number(retryAfter), 60) * 1000;
  return Math.min(2 ** attempt, 20) * (500 + Math.random() * 500);
}
`;
}

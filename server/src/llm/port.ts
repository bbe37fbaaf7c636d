/** Decides what the tools may ask of language models; they know no provider and no protocol. */
import type { LlmProviderName } from '../contract.ts';

export type { LlmProviderName } from '../contract.ts';

/** One question. `system` says how to answer, `prompt` is what the answer is about. */
export type LlmQuestion = {
  system: string;
  prompt: string;
  /** As its provider names it, with or without the provider in front; the provider's default when left out. */
  model?: string;
  /** Only this provider, with its default model. */
  provider?: LlmProviderName;
};

/** How long a question may take, and who asks. */
export type LlmCall = {
  /** Aborted: the connection to the provider is closed. */
  signal: AbortSignal;
  /** Milliseconds for everything: all attempts, and the pauses between them. */
  timeMs: number;
  /** Told how many characters of the answer have arrived, with growing numbers. */
  onProgress?: ((characters: number) => void) | undefined;
  /** Name of the client: a key that it gave with a request serves its own calls only. */
  caller?: string | undefined;
};

export type LlmAnswer = {
  text: string;
  provider: LlmProviderName;
  model: string;
  /** True: the model, or the limit of an answer, ended the text early. */
  truncated: boolean;
};

/** Where the key of a provider comes from. */
export type KeyOrigin = 'file' | 'environment' | 'request';

/** A provider as it is at this moment; never the key itself. */
export type LlmProviderState = {
  name: LlmProviderName;
  model: string;
  /** Absent: there is no key. */
  keyFrom?: KeyOrigin;
  /** Why there is no key, where a file was named for it. */
  problem?: string;
  /** True: it failed so often that nothing is asked for a while. */
  circuitOpen: boolean;
};

/** What a provider said of a key. `unknown`: it could not be asked, for the reason in `message`. */
export type KeyCheck = { provider: LlmProviderName; verdict: 'valid' | 'rejected' | 'unknown'; message: string };

/**
 * Language models of the configured providers. All methods reject with `CodeSageError` that hold neither keys nor
 * questions: `LlmKeyMissing`, `LlmKeyRejected`, `LlmRateLimited`, `LlmRefused`, `LlmUnavailable`, `InvalidArgument`
 * (a model of no known provider), `Cancelled`.
 */
export type LlmService = {
  /** All that are configured or have a key, in the order in which they are asked. */
  providers(caller?: string): Promise<LlmProviderState[]>;
  /** Which providers are left alone at this moment, of those that were asked since the start. */
  circuits(): readonly { provider: LlmProviderName; isOpen: boolean }[];
  /** Asks one model. Without `model` and `provider`, the next provider is asked where one fails. */
  ask(question: LlmQuestion, call: LlmCall): Promise<LlmAnswer>;
  /** Asks the provider whether it takes this key, or the one that it has. */
  verifyKey(provider: LlmProviderName, key: string | undefined, call: LlmCall): Promise<KeyCheck>;
  /** Keeps a key in memory for this client. @returns false where the settings do not allow it */
  keepKey(provider: LlmProviderName, key: string, caller?: string): boolean;
};

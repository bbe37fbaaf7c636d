/**
 * Decides with which keys of a provider tokens are verified: fetched again when they are old and when a token names one
 * that is not among them, but not in every request that does; in an outage the keys there are go on serving.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';

/** A key that verifies is looked up in one of these; a set that changed is another object. */
export type Keys = JWTVerifyGetKey;

export type KeySetOptions = {
  /** Fetches the set of keys. */
  fetchKeys: () => Promise<unknown>;
  log: Logger;
  /** Milliseconds, of any origin. */
  clock: () => number;
  /** Age from which on keys are fetched again before they are used: as long may a key live on that the provider withdrew. */
  maxAgeMs?: number;
  /** Time between two fetches, at least. */
  cooldownMs?: number;
};

const defaultMaxAgeMs = 300_000;
const defaultCooldownMs = 10_000;

/** Thrown where a token can be neither accepted nor refused, as the keys to tell are not to be had. */
export class KeysUnavailableError extends Error {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number, cause: unknown) {
    super('The keys of the OpenID provider cannot be fetched.', { cause });
    this.name = 'KeysUnavailableError';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export class KeySet {
  readonly #options: KeySetOptions;
  readonly #maxAgeMs: number;
  readonly #cooldownMs: number;
  #keys: Keys | undefined;
  #text = '';
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #running: Promise<void> | undefined;

  constructor(options: KeySetOptions) {
    this.#options = options;
    this.#maxAgeMs = options.maxAgeMs ?? defaultMaxAgeMs;
    this.#cooldownMs = options.cooldownMs ?? defaultCooldownMs;
  }

  /** The keys, where they may be used without a look at the provider: they are young, or it just did not answer. */
  get fresh(): Keys | undefined {
    const now = this.#options.clock();
    const isYoung = now - this.#fetchedAt < this.#maxAgeMs;
    const isOutage = this.#failure !== undefined && now - this.#triedAt < this.#cooldownMs;
    return isYoung || isOutage ? this.#keys : undefined;
  }

  /** The keys, fetched if they are old. In an outage nobody waits who need not. @throws KeysUnavailableError when there are none. */
  async current(): Promise<Keys> {
    if (this.fresh !== undefined) return this.fresh;
    const fetching = this.#fetchIfDue();
    if (this.#keys === undefined || this.#failure === undefined) await fetching;
    if (this.#keys === undefined) throw this.#unavailable();
    return this.#keys;
  }

  /**
   * The keys after a token named one that is not among them; undefined if a look at the provider, now or just before,
   * showed that there is none.
   * @throws KeysUnavailableError when the provider does not answer.
   */
  async afterUnknownKey(missedIn: Keys): Promise<Keys | undefined> {
    if (this.#keys === missedIn) await this.#fetchIfDue();
    if (this.#keys !== missedIn) return this.#keys;
    if (this.#failure !== undefined) throw this.#unavailable();
    return undefined;
  }

  async #fetchIfDue(): Promise<void> {
    if (this.#running === undefined && this.#options.clock() - this.#triedAt < this.#cooldownMs) return;
    this.#running ??= this.#fetch().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #fetch(): Promise<void> {
    const { fetchKeys, clock, log } = this.#options;
    this.#triedAt = clock();
    try {
      const found = await fetchKeys();
      const text = JSON.stringify(found);
      if (text !== this.#text) {
        this.#keys = createLocalJWKSet(found as JSONWebKeySet);
        this.#text = text;
        log.info({ keys: (found as JSONWebKeySet).keys.length }, 'Keys of the OpenID provider are read');
      } else if (this.#failure !== undefined) log.info('The OpenID provider answers again');
      this.#failure = undefined;
      this.#fetchedAt = clock();
    } catch (error) {
      if (this.#failure === undefined)
        log.warn(
          { reason: messageOf(error), hasKeys: this.#keys !== undefined },
          'The OpenID provider cannot be asked for its keys',
        );
      this.#failure = error;
    }
  }

  #unavailable(): KeysUnavailableError {
    const waitMs = this.#triedAt + this.#cooldownMs - this.#options.clock();
    return new KeysUnavailableError(Math.max(1, Math.ceil(waitMs / 1000)), this.#failure);
  }
}

/** True where a token names a key that is not in the set. */
export function isUnknownKey(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey;
}

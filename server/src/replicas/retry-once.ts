/**
 * Decides when a question is asked a second time: when it failed over a version whose data the indexer may have deleted,
 * and there is a newer one.
 */
import { CodeSageError, type ErrorCode } from '../errors.ts';

/** What the caller did, or what a second attempt would not change. */
const final: ReadonlySet<ErrorCode> = new Set([
  'InvalidArgument',
  'UnknownCodebase',
  'FileNotFound',
  'PathNotAllowed',
  'PatternInvalid',
  'NotIndexedYet',
  'Cancelled',
  'TimedOut',
  'Busy',
]);

export type Versions = {
  /** Names all that is served now. */
  current: () => string;
  /** Looks for what is newer, and opens it. */
  catchUp: () => Promise<void>;
};

/** Runs `question`; once more if it failed and other versions are served then. */
export async function retryOnce<T>(versions: Versions, question: () => Promise<T>): Promise<T> {
  const before = versions.current();
  try {
    return await question();
  } catch (error) {
    if (error instanceof CodeSageError && final.has(error.code)) throw error;
    if (versions.current() === before) await versions.catchUp();
    if (versions.current() === before) throw error;
    return question();
  }
}

/** The same for each method of `asked`; all of them answer with promises. */
export function retryingOnce<T extends object>(versions: Versions, asked: T): T {
  return new Proxy(asked, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => retryOnce(versions, async () => Reflect.apply(value, target, args));
    },
  });
}

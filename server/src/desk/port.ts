/** Decides what work on a single text may be asked for. */
import type { NarrowedProfile } from '../profile/narrow.ts';
import type { ResponsePage } from '../responses/page.ts';

/** A language model's response, the parts of it to leave out at the start, and how many characters of JSON are wanted. */
export type ParseTask = { text: string; offset: number; budget: number };
/** A file's text, and the function that matters if not all do. */
export type ProfileTask = { path: string; text: string; functionName?: string };

/**
 * Work on one text that may take long: it holds up nobody, and answers are short enough to be passed between threads.
 * Rejects with `CodeSageError`: `Cancelled`, `Busy`, `OutOfMemory`.
 */
export type TextDesk = {
  parseResponse: (task: ParseTask, signal?: AbortSignal) => Promise<ResponsePage>;
  profileFile: (task: ProfileTask, signal?: AbortSignal) => Promise<NarrowedProfile>;
  /** Ends the thread. */
  close: () => Promise<void>;
};

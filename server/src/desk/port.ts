/** Decides what work on a single text may be asked for. */
import type { FileProfile } from '../profile/port.ts';
import type { ResponsePart } from '../responses/parse-response.ts';

/** Work on one text that may take long: it holds up nobody. Rejects with `CodeSageError`: `Cancelled`, `Busy`, `OutOfMemory`. */
export type TextDesk = {
  parseResponse: (text: string, signal?: AbortSignal) => Promise<ResponsePart[]>;
  profileFile: (path: string, text: string, signal?: AbortSignal) => Promise<FileProfile>;
  /** Ends the thread. */
  close: () => Promise<void>;
};

/** Decides what the read side may ask of one codebase, whoever keeps its index: this process, or another one. */
import type { CodebaseStatus, SourceConfig } from '../contract.ts';
import type { CodeSageError } from '../errors.ts';
import type { Snapshot } from './snapshot.ts';

/** What is published of one codebase, as this process has it open. */
export type ServedStore = {
  /** The published version to read, if there is one that can be read. */
  readonly snapshot: Snapshot | undefined;
  /** Why the index on disk cannot be used: IndexCorrupted or IndexFormatUnsupported. */
  readonly failure: CodeSageError | undefined;
  /** Whether an error's text names a file of this codebase's index. */
  isNamedIn(message: string): boolean;
};

/** One codebase as searches, symbols, analyses and file reads see it. */
export type ServedCodebase = {
  readonly name: string;
  readonly config: SourceConfig;
  /** Where its files are; on a process that only searches they may be absent. */
  readonly source: { readonly root: string };
  readonly store: ServedStore;
  /** `opening`: what is on disk is not known yet. `closed`: the engine stops. */
  readonly phase: 'opening' | 'open' | 'closed';
  /** Resolves once what is on disk is open, or could not be opened, or never will be as the engine stops. */
  readonly opened: Promise<void>;
  status(): CodebaseStatus;
  /** Reports an error of reading `snapshot`. Returns the error to answer with. */
  readFailed(snapshot: Snapshot, error: unknown): CodeSageError;
};

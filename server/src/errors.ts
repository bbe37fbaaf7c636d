/** Decides how a failure is named: a closed code, the cause, and a sentence that says what to do. */
import type { ProblemCode } from './contract.ts';

/** Codes of failures that a caller can do something about; argument faults of tools use the first group. */
export type ErrorCode =
  | 'InvalidArgument'
  | 'UnknownCodebase'
  | 'FileNotFound'
  | 'PathNotAllowed'
  | 'PatternInvalid'
  | 'NotIndexedYet'
  | 'NoHistory'
  | 'Cancelled'
  | 'TimedOut'
  | 'Busy'
  | 'ConfigInvalid'
  | 'PortInUse'
  | 'IndexerUnavailable'
  | 'LlmKeyMissing'
  | 'LlmKeyRejected'
  | 'LlmRateLimited'
  | 'LlmRefused'
  | 'LlmUnavailable'
  | ProblemCode;

/** An error with a closed code and a remedy. `message` says what happened, `remedy` what to do about it. */
export class CodeSageError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, remedy: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CodeSageError';
    this.code = code;
    this.remedy = remedy;
  }
}

/** A text without paths: those of this machine concern no client. LanceDB leaves out the slash in front. */
export function withoutPaths(text: string): string {
  return text.replaceAll(/(?:file:\/\/)?[\w.@+%-]*(?:\/[\w.@+%-]+){2,}(?::\d+)*/g, '…');
}

/** The error's own text, or the text of whatever was thrown instead of an Error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

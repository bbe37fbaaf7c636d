/** Decides which closed code a failure of storage, git or indexing gets, and what it tells people to do. */
import { type ProblemCode, problemCodes } from '../contract.ts';
import { CodeSageError, messageOf } from '../errors.ts';

const known: ReadonlySet<string> = new Set(problemCodes);

/** True when the text of an error says that the disk is full. LanceDB and git tell it in words only. */
export function saysDiskFull(message: string): boolean {
  return /ENOSPC|EDQUOT|no space left on device|os error 28\b|disk quota exceeded|os error 122\b/i.test(message);
}

/** Words of LanceDB for data that is missing, cut short or not what its checksum or format says. */
const corruptionWords =
  /not found|no such file|corrupt|invalid (?:magic|footer|file|data)|magic number|checksum|unexpected (?:eof|end)|end of file|out of (?:range|bounds)|failed to (?:decode|parse)|decod(?:e|ing) error|external error|range.*(?:exceeds|end)|malformed|does not exist|was not found|bad (?:magic|footer)|lance error: (?:io|encountered)/i;

/** What a failure while reading or writing the index is called. `reading` says that only published data was touched. */
export function storageProblem(error: unknown, codebase: string, reading: boolean): CodeSageError {
  if (error instanceof CodeSageError) return error;
  const message = messageOf(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (saysDiskFull(message) || saysDiskFull(code)) return volumeFull(error);
  if (reading || corruptionWords.test(message)) {
    return new CodeSageError(
      'IndexCorrupted',
      `The index of "${codebase}" cannot be read: ${firstLine(message)}`,
      'Ask for a full reindex (annotation codesage.dev/reindex, or index_codebase with full) or restore a backup.',
      { cause: error },
    );
  }
  return internalProblem(error);
}

export function volumeFull(cause: unknown): CodeSageError {
  return new CodeSageError(
    'VolumeFull',
    'The volume of the index is full; the published index keeps serving.',
    'Enlarge the volume (spec.storage.size) or index less; indexing is tried again by itself.',
    { cause },
  );
}

export function internalProblem(cause: unknown): CodeSageError {
  if (cause instanceof CodeSageError) return cause;
  return new CodeSageError(
    'Internal',
    `Indexing failed: ${firstLine(messageOf(cause))}`,
    'It is tried again by itself; if it stays, report it with the log.',
    { cause },
  );
}

/** The problem code to show in status for an error; codes that are no problem codes are internal. */
export function problemCodeOf(error: CodeSageError): ProblemCode {
  return known.has(error.code) ? (error.code as ProblemCode) : 'Internal';
}

/** The first line without paths: those of this machine, and of the machine that built LanceDB, concern no client. The log has them. */
function firstLine(text: string): string {
  const line = (text.split('\n', 1)[0] ?? '').replaceAll(/(?:file:\/\/)?(?:\/[\w.@+-]+){2,}(?::\d+)*/g, '…');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

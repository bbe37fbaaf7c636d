/** Decides which closed code a failure of storage, git or indexing gets, and what it tells people to do. */
import { type ProblemCode, problemCodes } from '../contract.ts';
import { CodeSageError, messageOf, withoutPaths } from '../errors.ts';

const known: ReadonlySet<string> = new Set(problemCodes);

/** True when the text of an error says that the disk is full. LanceDB and git tell it in words only. */
export function saysDiskFull(message: string): boolean {
  return /ENOSPC|EDQUOT|no space left on device|os error 28\b|disk quota exceeded|os error 122\b/i.test(message);
}

/** Words of LanceDB for data that is missing, cut short or not what its checksum or format says. */
const corruptionWords =
  /not found|no such file|corrupt|invalid (?:magic|footer|file|data)|magic number|checksum|unexpected (?:eof|end)|end of file|out of (?:range|bounds)|failed to (?:decode|parse)|decod(?:e|ing) error|external error|range.*(?:exceeds|end)|malformed|does not exist|was not found|bad (?:magic|footer)|lance error: (?:io|encountered)/i;

/** How LanceDB and what is below it begin their messages. */
const storageWords = /lance ?error|arrow error|datafusion|failed to get next batch|rust panic|panicked/i;

/** What hinders this process or this moment, and says nothing of what is on disk. */
const passingWords =
  /EMFILE|ENFILE|too many open files|ENOMEM|out of memory|cannot allocate|memory allocation|resources exhausted|EACCES|EPERM|permission denied|not permitted|EAGAIN|temporarily unavailable|(?:table|database|connection|session)\b[^.]{0,40} (?:is|was|has been) closed|\babort(?:ed)?\b|cancell?ed|timed out|os error (?:1|4|11|12|13|23|24)\b/i;

/**
 * What was done when storage failed. `opening`: all that is read is the index, so that whatever cannot be read is damage;
 * `reading`: for an answer, along with much else; `writing`: a run.
 */
export type StorageUse = 'opening' | 'reading' | 'writing';

/** What a failure of the index is called: only what says damage is damage. */
export function storageProblem(error: unknown, codebase: string, use: StorageUse): CodeSageError {
  if (error instanceof CodeSageError) return error;
  const message = messageOf(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (saysDiskFull(message) || saysDiskFull(code)) return volumeFull(error);
  // A codebase may be called anything, and its name is in the paths.
  const words = withoutPaths(message);
  const isPassing = passingWords.test(words) || passingWords.test(code);
  // File errors of our own are of caches and sources, save while the index is opened.
  const isStorage = storageWords.test(words) || (corruptionWords.test(words) && !isFileError(error));
  const isDamage = { opening: true, reading: isStorage, writing: corruptionWords.test(words) }[use];
  if (isDamage && !isPassing) {
    return new CodeSageError(
      'IndexCorrupted',
      `The index of "${codebase}" cannot be read: ${firstLine(message)}`,
      'Ask for a full reindex (annotation codesage.dev/reindex, or index_codebase with full) or restore a backup.',
      { cause: error },
    );
  }
  return use === 'writing' ? internalProblem(error) : notReadNow(error, codebase);
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function notReadNow(cause: unknown, codebase: string): CodeSageError {
  return new CodeSageError(
    'Internal',
    `The index of "${codebase}" could not be read this time: ${firstLine(messageOf(cause))}`,
    'Try again; if it stays, see the log of the server.',
    { cause },
  );
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
  const line = withoutPaths(text.split('\n', 1)[0] ?? '');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

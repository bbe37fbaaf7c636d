/** Decides what may be asked about the history of a codebase, and what the answers are; the tools know no more of git than this. */

/** A commit or a name for one, as callers write it: HEAD, a branch, a tag, an id of four digits or more, each with `~2` or `^` behind. */
export type RefText = string;

/** One author's piece of work. Times are ISO 8601 with the author's time zone. */
export type CommitFacts = {
  id: string;
  /** The fewest digits that name it. */
  shortId: string;
  parents: string[];
  author: string;
  /** When it was committed; what `since` and `until` compare. */
  date: string;
  /** When it was written, where that is another day. */
  authored?: string;
  subject: string;
  /** The message below its first paragraph; cut, see `bodyIsCut`. */
  body: string;
  bodyIsCut: boolean;
  /** Files that it changes in the codebase, against its first parent. Absent where that is not known. */
  changes?: ChangeCounts;
  /** True: history that is here ends with it, so what it changes is not known. */
  isHistoryEnd: boolean;
};

/** Files by what became of them. `leftOut` are those that are never shown: secrets, ignored and excluded ones. */
export type ChangeCounts = { added: number; changed: number; deleted: number; renamed: number; leftOut: number };

/** What all answers tell of the repository. */
export type HistoryFacts = {
  codebase: string;
  /** The commit that the ref asked for means. */
  head: string;
  /** True: the clone is shallow, so that older commits are not here. */
  isShallow: boolean;
  /** What the answer lacks and what to do about it. */
  notice?: string;
};

export type CommitsRequest = {
  codebase: string;
  ref?: RefText;
  /** Commits that this one has as well are left out. */
  excludeRef?: RefText;
  /** A file or directory of the codebase, as people write it. */
  path?: string;
  /** A single file's commits under its former names, too. */
  followRenames: boolean;
  /** Part of the author's name. */
  author?: string;
  since?: string;
  until?: string;
  /** 1 to 200. */
  limit: number;
  cursor?: string;
};
/** `cursor` continues a list behind this entry, for answers that have no room for all. */
export type Continued = { cursor: string };
export type CommitsAnswer = HistoryFacts & { commits: (CommitFacts & Continued)[]; hasMore: boolean };

export type DiffRequest = {
  codebase: string;
  /** One commit against its first parent. Otherwise `to` (the ref that is followed, if left out) against `from`. */
  commit?: RefText;
  from?: RefText;
  to?: RefText;
  /** Against the last commit that both have, as pull requests show it. */
  fromMergeBase: boolean;
  pathGlobs: string[];
  /** Counts of lines without the lines. */
  statOnly: boolean;
  /** Lines around each change, 0 to 50. */
  contextLines: number;
  ignoreWhitespace: boolean;
  /** Files to leave out at the start. */
  fileOffset: number;
  /** Lines of the first file's patch to leave out; then this file alone is shown. */
  lineOffset: number;
  /** Most files in the answer. */
  limit: number;
  /** Characters that all patches together may have. */
  budget: number;
};
export type FileStatus = 'added' | 'deleted' | 'modified' | 'renamed' | 'typeChanged';
export type FileDiff = {
  path: string;
  oldPath?: string;
  status: FileStatus;
  /** Octal modes as git has them, where they differ: 100755 is executable, 120000 a link, 160000 a submodule. */
  modes?: { old?: string; new?: string };
  /** Lines; absent for binary files and where they were not counted. */
  added?: number;
  deleted?: number;
  /** Why there is no patch. */
  without?: 'binary' | 'submodule';
  /** Hunks in the unified format, from the first `@@` on. */
  patch?: string;
  /** Lines of the patch up to which it is shown, where it goes on. */
  nextLine?: number;
  /** Its place among the files that differ and fit the globs. */
  index: number;
};
export type DiffAnswer = HistoryFacts & {
  /** The older side; absent when everything is new. */
  from?: string;
  to: string;
  /** The commit's own facts, where one was asked for. */
  commit?: CommitFacts;
  files: FileDiff[];
  /** Files that differ and fit the globs, on all pages. */
  totalFiles: number;
  /** Files that are never shown, by reason. */
  leftOut: Record<string, number>;
  nextFile?: number;
};

export type SearchIn = 'messages' | 'changes' | 'both';
export type CommitSearchRequest = {
  codebase: string;
  query: string;
  searchIn: SearchIn;
  /** True: an extended regular expression (POSIX); false: literal text. */
  regex: boolean;
  caseSensitive: boolean;
  ref?: RefText;
  author?: string;
  since?: string;
  until?: string;
  path?: string;
  /** 1 to 100. */
  limit: number;
  /** Seconds after which the search ends with what it has. */
  seconds: number;
  cursor?: string;
};
export type CommitMatch = CommitFacts &
  Continued & {
    inMessage: boolean;
    /** Files in whose changed lines the query is, former names where they were deleted. */
    files: string[];
    moreFiles: number;
  };
export type CommitSearchAnswer = HistoryFacts & {
  matches: CommitMatch[];
  /** Commits that were looked at in this call. */
  searched: number;
  /** True: the time was over before the history was. */
  endedEarly: boolean;
  nextCursor?: string;
};

/**
 * The history of codebases. Every method rejects with `CodeSageError`: `UnknownCodebase`, `NoHistory` (not from git, or
 * without commits), `GitRefNotFound`, `PathNotAllowed`, `InvalidArgument`, `TimedOut`, and ends its work with `signal`.
 */
export type CodeHistory = {
  /** Commits, newest first. */
  commits(request: CommitsRequest, signal?: AbortSignal): Promise<CommitsAnswer>;
  /** What differs between two commits. */
  diff(request: DiffRequest, signal?: AbortSignal): Promise<DiffAnswer>;
  /** Commits whose message or changed lines have a text. */
  search(request: CommitSearchRequest, signal?: AbortSignal): Promise<CommitSearchAnswer>;
};

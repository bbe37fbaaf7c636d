/** Decides what a static profile of a file tells. */

/** What may make a function slow. */
export const concernKinds = [
  'nested_loops',
  'io_in_loop',
  'await_in_loop',
  'regex_in_loop',
  'string_concat_in_loop',
  'linear_search_in_loop',
  'copy_in_loop',
  'sort_in_loop',
  'allocation_in_loop',
  'defer_in_loop',
  'recursion',
  'complexity',
  'deep_nesting',
] as const;
export type ConcernKind = (typeof concernKinds)[number];
export const severities = ['high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

/** One thing to look at. Lines are 1-based. */
export type Concern = {
  kind: ConcernKind;
  severity: Severity;
  /** Full name of the function; '' for the file's outer level. */
  functionName: string;
  line: number;
  moreLines: number[];
  /** The code that says so, cut to a line. */
  evidence: string;
  /** What it is, and what to do. */
  message: string;
};

export type FunctionProfile = {
  /** With its containers; '' for the file's outer level. */
  name: string;
  startLine: number;
  endLine: number;
  complexity: number;
  /** Control structures inside each other, at most. */
  nesting: number;
  loops: number;
  /** Loops inside each other, at most. */
  loopDepth: number;
  calls: number;
  callsInLoops: number;
  isRecursive: boolean;
  /** Estimated growth of the time with the size n of what it loops over, those of the file's functions it calls included. */
  growth: string;
};

export type FileProfile = {
  language: string;
  lines: number;
  functions: FunctionProfile[];
  /** The most severe first. */
  concerns: Concern[];
  /** Why there is less than that. */
  problem?: string;
};

/** Decides how `search_codebase` answers in the original's other modes: by meaning, and by definitions and the calls between them. */
import { languageNamed } from '../chunking/languages.ts';
import type { SearchHit } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import type { Definition, TraceStep } from '../symbols/port.ts';
import { fitList } from './budget.ts';
import { codebasesOf } from './codebase-path.ts';
import type { ToolContext } from './define.ts';
import { fullName, pathOf } from './symbol-fields.ts';

export type OtherMode = 'semantic' | 'graph';

/** The arguments that these modes share with searches for text. */
export type ModeArguments = {
  codebase_path: string;
  pattern: string;
  file_types: string[];
  include_patterns: string[];
  exclude_patterns: string[];
  case_sensitive: boolean;
  context_depth: number;
  include_dependencies: boolean;
  limit: number;
  offset: number;
};

/** One result of any mode. */
export type ModeResult = {
  file_path: string;
  line_number: number;
  end_line?: number;
  line_content: string;
  symbol?: string;
  relation?: 'definition' | 'caller' | 'callee';
  depth?: number;
  score?: number;
};
export type ModeAnswer = {
  results: ModeResult[];
  more: boolean;
  notice?: string;
  tookMs: number;
  version?: string;
};

/** What a mode cannot do, so that nobody takes its answer for more than it is. */
export function refuseTextOptions(mode: OtherMode, isSet: Readonly<Record<string, boolean>>): void {
  const wrong = Object.keys(isSet).filter((name) => isSet[name] === true);
  if (wrong.length === 0) return;
  throw new CodeSageError(
    'InvalidArgument',
    `search_mode "${mode}" does not know ${wrong.join(', ')}.`,
    'Leave these out, or search for text with search_mode "regex".',
  );
}

function filtersOf({ file_types, include_patterns, exclude_patterns }: ModeArguments) {
  return {
    pathGlobs: [...include_patterns, ...exclude_patterns.map((glob) => `!${glob}`)],
    languages: file_types.map(languageNamed),
  };
}

/** Passages are asked for up to the last one wanted. */
const mostPassages = 199;

/** Passages that fit the pattern as a question. */
export async function searchByMeaning(
  args: ModeArguments,
  { engine, settings, signal }: ToolContext,
): Promise<ModeAnswer> {
  const wanted = Math.min(args.offset + args.limit, mostPassages);
  const request = {
    query: args.pattern,
    codebases: codebasesOf(args.codebase_path, settings.config),
    topK: wanted + 1,
    ...filtersOf(args),
  };
  const { hits, notice, tookMs, version } = await engine.semanticSearch(request, signal);
  const { kept, left } = fitList(hits.slice(args.offset, wanted).map(toPassage));
  const more = kept.length > 0 && (left > 0 || hits.length > wanted);
  return { results: kept, more, tookMs, version, ...(notice !== undefined && { notice }) };
}

function toPassage({ codebase, path, startLine, endLine, text, score }: SearchHit): ModeResult {
  return {
    file_path: pathOf({ codebase, path }),
    line_number: startLine,
    end_line: endLine,
    line_content: text,
    score: Math.round(score * 10_000) / 10_000,
  };
}

/** Names whose calls are followed: a pattern may fit many. */
const mostTraced = 3;
const mostSteps = 100;

/** Definitions whose name has the pattern in it, with those that call them and that they call. */
export async function searchGraph(args: ModeArguments, context: ToolContext): Promise<ModeAnswer> {
  const { engine, settings, signal } = context;
  const scope = { codebases: codebasesOf(args.codebase_path, settings.config), includeTests: true, ...filtersOf(args) };
  const { pattern: name, case_sensitive: caseSensitive, limit, offset } = args;
  const answer = await engine.symbols.findDefinitions(
    { ...scope, name, match: 'substring', caseSensitive, kinds: [], bodyLines: 0, limit, offset },
    signal,
  );
  const definitions = answer.found.map(({ definition }) => definition);
  const { kept, left } = fitList(definitions.map(toDefinition));
  const more = left > 0 || answer.more || offset + definitions.length < answer.total;
  const base = { more, tookMs: answer.tookMs, ...(answer.notice !== undefined && { notice: answer.notice }) };
  if (args.context_depth === 0 || offset > 0) return { ...base, results: kept };
  const steps = await stepsAround(definitions.slice(0, mostTraced), scope, args, context);
  const room = fitList([...kept, ...steps]);
  const cut = room.left > 0 ? 'Not all calls are here: trace_calls shows those of one definition.' : '';
  const notice = [answer.notice ?? '', cut].filter((sentence) => sentence !== '').join(' ');
  return { ...base, results: room.kept, ...(notice !== '' && { notice }) };
}

function toDefinition(definition: Definition): ModeResult {
  return {
    file_path: pathOf(definition),
    line_number: definition.nameLine,
    end_line: definition.endLine,
    line_content: definition.signature,
    symbol: fullName(definition),
    relation: 'definition',
  };
}

type Scope = { codebases: string[]; includeTests: boolean; pathGlobs: string[]; languages: string[] };

async function stepsAround(
  definitions: readonly Definition[],
  scope: Scope,
  { context_depth: depth, include_dependencies }: ModeArguments,
  { engine, signal }: ToolContext,
): Promise<ModeResult[]> {
  const directions = include_dependencies ? (['callers', 'callees'] as const) : (['callers'] as const);
  const found: ModeResult[] = [];
  for (const definition of definitions) {
    const target = { name: definition.name, definitionPath: pathOf(definition), definitionLine: definition.nameLine };
    for (const direction of directions) {
      const request = { ...scope, ...target, direction, depth, limit: mostSteps };
      const { steps } = await engine.symbols.trace(request, signal);
      found.push(...steps.map((step) => toStep(step, direction === 'callers' ? 'caller' : 'callee')));
    }
  }
  return found;
}

function toStep(
  { codebase, path, line, text, definition, depth }: TraceStep,
  relation: 'caller' | 'callee',
): ModeResult {
  return {
    file_path: pathOf({ codebase, path }),
    line_number: line,
    line_content: text,
    ...(definition !== undefined && { symbol: fullName(definition) }),
    relation,
    depth,
  };
}

/** Decides which code is related to a given place: like it in meaning, or bound to it by imports and tests. */
import type { SearchAnswer, SearchHit, SemanticSearchRequest } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { sqlText } from '../index/lance.ts';
import { rowsOf } from '../index/published-rows.ts';
import type { Snapshot } from '../index/snapshot.ts';
import type { RelatedAnswer, RelatedPassage, RelatedRequest } from './port.ts';

export type Subject = RelatedAnswer['subject'] & { text: string };
export type Search = (request: SemanticSearchRequest, signal?: AbortSignal) => Promise<SearchAnswer>;

/** Longest text that is searched for; the engine refuses longer ones. */
const maxQuery = 3_500;
/** Passages of one file. */
const maxPerFile = 2;

/** The lines that are asked about: a definition by its name, the definition or chunk around a line, or the file's first chunk. */
export async function subjectOf(snapshot: Snapshot, path: string, request: RelatedRequest): Promise<Subject> {
  const { codebase } = snapshot;
  const fileQuery = { table: snapshot.filesTable, where: `path = ${sqlText(path)}`, columns: ['text', 'lines'] };
  const [file] = await rowsOf(fileQuery, ({ text, int }) => ({ text: text('text'), lines: int('lines') }));
  const place = (startLine: number, endLine: number, symbols: string[]): Subject => ({
    codebase,
    path,
    startLine,
    endLine,
    symbols,
    text: linesOf(file?.text ?? '', startLine, endLine),
  });
  if (request.symbol !== undefined) {
    const { startLine, endLine, name } = await definitionNamed(snapshot, path, request.symbol, request.line);
    return place(startLine, endLine, [name]);
  }
  const line = request.line ?? 1;
  if (line > Math.max(1, file?.lines ?? 0)) {
    throw new CodeSageError(
      'InvalidArgument',
      `${path} has ${file?.lines} lines; line is ${line}.`,
      'Name an earlier line.',
    );
  }
  const chunk = await chunkAt(snapshot, path, line);
  if (chunk === undefined) return place(line, line, []);
  return place(chunk.startLine, chunk.endLine, chunk.definitions);
}

type Lines = { startLine: number; endLine: number };

async function definitionNamed(
  snapshot: Snapshot,
  path: string,
  symbol: string,
  line: number | undefined,
): Promise<Lines & { name: string }> {
  const parts = symbol.split(/\.|::|#/);
  const name = parts.at(-1) ?? symbol;
  const container = parts.slice(0, -1).join('.');
  const where = `role = 'definition' AND path = ${sqlText(path)} AND name = ${sqlText(name)}`;
  const query = { table: snapshot.symbolsTable, where, columns: ['line', 'end_line', 'parent'] };
  const found = await rowsOf(query, ({ text, int }) => ({
    startLine: int('line'),
    endLine: int('end_line'),
    name: text('parent') === '' ? name : `${text('parent')}.${name}`,
    isContained: container === '' || `.${text('parent')}`.endsWith(`.${container}`),
  }));
  const distance = (one: Lines) => (line === undefined ? 0 : Math.max(one.startLine - line, line - one.endLine, 0));
  const longest = (one: Lines) => one.startLine - one.endLine;
  const [best] = found
    .filter(({ isContained }) => isContained)
    .toSorted((x, y) => distance(x) - distance(y) || longest(x) - longest(y));
  if (best !== undefined) return best;
  throw new CodeSageError(
    'InvalidArgument',
    `${path} defines no "${symbol}".`,
    'Use a name that get_file_structure shows for the file, or write line instead.',
  );
}

async function chunkAt(snapshot: Snapshot, path: string, line: number) {
  const where = `path = ${sqlText(path)} AND start_line <= ${line} AND end_line >= ${line}`;
  const query = { table: snapshot.chunksTable, where, columns: ['start_line', 'end_line', 'definitions'] };
  const chunks = await rowsOf(query, ({ text, int }) => ({
    startLine: int('start_line'),
    endLine: int('end_line'),
    definitions: text('definitions')
      .split(' ')
      .filter((name) => name !== ''),
  }));
  return chunks.toSorted((x, y) => x.endLine - x.startLine - (y.endLine - y.startLine))[0];
}

/** Passages like the subject, itself and what overlaps it left out, at most two of one file. */
export async function passagesLike(
  subject: Subject,
  request: RelatedRequest,
  search: Search,
  signal: AbortSignal | undefined,
): Promise<RelatedPassage[]> {
  const query = subject.text.trim().slice(0, maxQuery);
  if (query === '') return [];
  const codebases = request.everywhere ? [...(request.among ?? [])] : [subject.codebase];
  const topK = Math.min(100, request.limit * 3 + 10);
  const { hits } = await search({ query, codebases, topK }, signal);
  const perFile = new Map<string, number>();
  const passages = hits.filter((hit) => {
    if (isSubject(hit, subject)) return false;
    const key = `${hit.codebase}\n${hit.path}`;
    perFile.set(key, (perFile.get(key) ?? 0) + 1);
    return (perFile.get(key) ?? 0) <= maxPerFile;
  });
  return passages.slice(0, request.limit).map(({ codebase, path, startLine, endLine, language, score, text }) => {
    return { codebase, path, startLine, endLine, language, score, text };
  });
}

function isSubject(hit: SearchHit, subject: Subject): boolean {
  if (hit.codebase !== subject.codebase || hit.path !== subject.path) return false;
  return hit.startLine <= subject.endLine && hit.endLine >= subject.startLine;
}

/** Lines of a text, 1-based, both ends included. */
function linesOf(text: string, startLine: number, endLine: number): string {
  return text
    .split('\n')
    .slice(startLine - 1, endLine)
    .join('\n');
}

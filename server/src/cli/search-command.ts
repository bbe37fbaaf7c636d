/** Decides `codesage search`: asks a running server, or an engine of its own over the given sources. */
import type { SettingFlags } from '../config.ts';
import { CodeSageError } from '../errors.ts';
import type { CliDeps } from './deps.ts';
import { exitCodes } from './exit-codes.ts';
import { withLocalEngine } from './local-engine.ts';
import { callTool, type Endpoint, endpointAt } from './rpc.ts';

export type SearchFlags = SettingFlags & { url?: string; top?: string; json?: boolean; codebase?: string };

type Result = { file_path: string; start_line: number; end_line: number; score: number; text: string };

/** `notice`: why the ranking is less than it could be. */
type Answer = { results: Result[]; notice?: string | undefined };

/** Prints the passages that fit best. Exit code 1 when there are none. */
export async function searchCommand(query: string, flags: SearchFlags, deps: CliDeps): Promise<number> {
  const topK = Number(flags.top ?? 5);
  if (!Number.isInteger(topK) || topK < 1 || topK > 100)
    throw new CodeSageError('InvalidArgument', `--top is ${flags.top}.`, 'Write a number from 1 to 100.');
  const { results, notice } =
    flags.url === undefined
      ? await searchLocally(query, topK, flags, deps)
      : await searchServer(endpointAt(flags.url, deps.env), query, topK, flags);
  deps.stdout.write(flags.json === true ? `${JSON.stringify(results)}\n` : results.map(render).join('\n'));
  if (notice !== undefined) deps.stderr.write(`${notice}\n`);
  if (results.length === 0) deps.stderr.write('Nothing was found.\n');
  return results.length === 0 ? exitCodes.failed : exitCodes.ok;
}

async function searchServer(
  server: Endpoint,
  query: string,
  topK: number,
  { codebase = '*' }: SearchFlags,
): Promise<Answer> {
  const answer = await callTool(server, 'semantic_search_codebase', { query, top_k: topK, codebase_path: codebase });
  const { results = [], ranking, message } = answer as { results?: Result[]; ranking?: string; message?: string };
  return { results, notice: ranking === 'bm25' ? message : undefined };
}

async function searchLocally(query: string, topK: number, flags: SearchFlags, deps: CliDeps): Promise<Answer> {
  return withLocalEngine(flags, deps, async (engine, { config }) => {
    for (const { name } of config.sources) await engine.indexCodebase(name, { full: false });
    const codebases = flags.codebase === undefined ? [] : [flags.codebase];
    const { hits, notice } = await engine.semanticSearch({ query, codebases, topK });
    const results = hits.map((hit) => ({
      file_path: `${hit.codebase}/${hit.path}`,
      start_line: hit.startLine,
      end_line: hit.endLine,
      score: hit.score,
      text: hit.text,
    }));
    return { results, notice };
  });
}

const shownLines = 8;

function render({ file_path, start_line, end_line, score, text }: Result): string {
  const lines = text.split('\n');
  const shown = lines.slice(0, shownLines).map((line) => `    ${line}`);
  const rest = lines.length > shownLines ? [`    … ${lines.length - shownLines} more lines`] : [];
  return `${file_path}:${start_line}-${end_line}  score ${score.toFixed(3)}\n${[...shown, ...rest].join('\n')}\n`;
}

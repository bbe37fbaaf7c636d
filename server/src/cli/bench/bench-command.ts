/** Decides `codesage bench`: the runbook's suite against a live server, which is only read from unless --reindex is given. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { environment, ports } from '../../contract.ts';
import { CodeSageError } from '../../errors.ts';
import { type CliDeps, readFileIfThere } from '../deps.ts';
import { exitCodes } from '../exit-codes.ts';
import { callTool, type Endpoint, endpointAt, type ListedTool, listTools } from '../rpc.ts';
import { type Call, runLoad, type Timing } from './load.ts';
import { renderTargets, renderTools } from './render.ts';
import {
  argumentsFor,
  commentPattern,
  definitionPattern,
  type FoundLine,
  type Samples,
  samplesFrom,
} from './samples.ts';
import { cacheCounts, hitRateBetween, readServer } from './server-figures.ts';
import { callFigures, summarize } from './summary.ts';
import { type BenchFigures, judgeBench } from './targets.ts';

export type BenchFlags = {
  url?: string;
  internalUrl?: string;
  tokenFile?: string;
  codebase?: string;
  requests?: string;
  concurrency?: string;
  duration?: string;
  reindex?: boolean;
  json?: boolean;
};

const statistics = 'get_cache_statistics';
const hourMs = 3_600_000;

type Limits = { requests: number; concurrency: number; durationMs: number };

/** Runs the suite; exit code 1 when a target is missed. */
export async function benchCommand(flags: BenchFlags, deps: CliDeps): Promise<number> {
  const url = flags.url ?? `http://127.0.0.1:${deps.env[environment.httpPort] ?? ports.http}/mcp`;
  const limits = limitsFrom(flags);
  const say = (text: string) => deps.stderr.write(`${text}\n`);
  const endpoint = endpointAt(url, deps.env);
  const { tools, readable } = await toolsOf(endpoint);
  const samples = await collectSamples(endpoint, flags.codebase);
  const indexing = flags.reindex === true ? await reindex(endpoint, samples.codebases, say) : {};
  const { calls, left } = planCalls(readable, samples, limits.requests);
  const { cold, warm, cache } = await callTwice(endpoint, calls, limits, say);
  const server = flags.internalUrl === undefined ? {} : await readServer(flags.internalUrl, tokenFrom(flags, deps));
  const figures: BenchFigures = { ...callFigures(cold, warm), ...cache, ...server, ...indexing };
  const rows = summarize(cold, warm);
  const verdicts = judgeBench(figures);
  if (flags.json === true) {
    deps.stdout.write(`${JSON.stringify({ url, tools: rows, figures, targets: verdicts, notCalled: left })}\n`);
  } else {
    deps.stdout.write(`${renderTools(rows)}\n${renderTargets(verdicts)}`);
    if (left.length > 0) deps.stdout.write(`\nNot called, as their arguments are unknown: ${left.join(', ')}\n`);
  }
  for (const message of new Set([...cold, ...warm].flatMap(({ tool, error }) => (error ? [`${tool}: ${error}`] : []))))
    say(message);
  say(`${readable.length} of ${tools} tools only read`);
  return verdicts.some(({ verdict }) => verdict === 'FAIL') ? exitCodes.failed : exitCodes.ok;
}

function limitsFrom({ requests, concurrency, duration }: BenchFlags): Limits {
  return {
    requests: whole('--requests', requests, 20, 1000),
    concurrency: whole('--concurrency', concurrency, 1, 64),
    durationMs: whole('--duration', duration, 60, 3600) * 1000,
  };
}

function whole(flag: string, text: string | undefined, standard: number, most: number): number {
  const value = Number(text ?? standard);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new CodeSageError('InvalidArgument', `${flag} is ${text}.`, `Write a whole number from 1 to ${most}.`);
}

function tokenFrom({ tokenFile }: BenchFlags, { env }: CliDeps): string | undefined {
  const path = tokenFile ?? env[environment.internalTokenFile];
  const token = path === undefined ? undefined : readFileIfThere(path)?.trim();
  if (tokenFile !== undefined && token === undefined)
    throw new CodeSageError('InvalidArgument', `There is no file ${tokenFile}.`, 'Correct --token-file.');
  return token;
}

/** How many tools there are, and those that say of themselves that they only read, and ask nobody else: that may cost money. */
async function toolsOf(endpoint: Endpoint): Promise<{ tools: number; readable: ListedTool[] }> {
  const tools = await listTools(endpoint);
  return { tools: tools.length, readable: tools.filter(isReadable) };
}

function isReadable({ annotations }: ListedTool): boolean {
  return annotations?.readOnlyHint === true && annotations.openWorldHint !== true;
}

const codebasesAnswer = z.object({
  codebases: z.array(z.object({ name: z.string(), files: z.number() })),
});
const linesAnswer = z.object({
  results: z.array(z.object({ file_path: z.string(), line_content: z.string() })).default([]),
});

async function collectSamples(endpoint: Endpoint, wanted: string | undefined): Promise<Samples> {
  const { codebases } = codebasesAnswer.parse(await callTool(endpoint, 'list_codebases', {}));
  const names = codebases.filter(({ files }) => files > 0).map(({ name }) => name);
  const chosen = wanted === undefined ? names : names.filter((name) => name === wanted);
  if (chosen.length === 0)
    throw new CodeSageError(
      'UnknownCodebase',
      wanted === undefined ? 'No codebase is indexed yet.' : `There is no indexed codebase "${wanted}".`,
      `Wait until get_index_status says Ready${names.length > 0 ? `, or name one of: ${names.join(', ')}` : ''}.`,
    );
  const lines = async (pattern: string): Promise<FoundLine[]> => {
    const answers = await Promise.all(
      chosen
        .slice(0, 5)
        .map((codebase_path) =>
          callTool(endpoint, 'search_codebase', { codebase_path, pattern, case_sensitive: true, limit: 200 }),
        ),
    );
    return answers.flatMap((answer) => linesAnswer.parse(answer).results);
  };
  const histories = await withHistory(endpoint, chosen);
  return samplesFrom(chosen, await lines(commentPattern), await lines(definitionPattern), histories);
}

/** Those of the first few codebases of which there are commits. A server that knows no history has none. */
async function withHistory(endpoint: Endpoint, codebases: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const codebase_path of codebases.slice(0, 5)) {
    const answer = await callTool(endpoint, 'list_commits', { codebase_path, limit: 1 }).catch(() => undefined);
    if (answer !== undefined) found.push(codebase_path);
  }
  return found;
}

/** Calls of each tool in turn, so that a run that its time cuts off has called all tools equally. */
function planCalls(tools: readonly ListedTool[], samples: Samples, requests: number) {
  const made = tools.map((tool) => ({ tool, first: argumentsFor(tool, samples, 0) }));
  const callable = made.filter(({ first }) => first !== undefined).map(({ tool }) => tool);
  // Words that no earlier run asked for, so that the first pass is a cold one.
  const mark = randomBytes(4).toString('hex');
  const calls: Call[] = Array.from({ length: requests }, (_, number) => number).flatMap((number) =>
    callable.map((tool) => {
      const args = argumentsFor(tool, samples, number) ?? {};
      const query = typeof args.query === 'string' ? { query: `${args.query} ${mark}${number}` } : {};
      return { tool: tool.name, args: { ...args, ...query } };
    }),
  );
  return { calls, left: made.filter(({ first }) => first === undefined).map(({ tool }) => tool.name) };
}

/** All calls once, then once more; the second pass shows what the caches are worth. */
async function callTwice(endpoint: Endpoint, calls: readonly Call[], limits: Limits, say: (text: string) => void) {
  const now = () => performance.now();
  const pass = (name: string) => {
    let told = now();
    return runLoad(calls, ({ tool, args }) => callTool(endpoint, tool, args), {
      concurrency: limits.concurrency,
      deadline: now() + limits.durationMs / 2,
      now,
      onDone: (done) => {
        if (now() - told < 1000 && done < calls.length) return;
        told = now();
        say(`${name}: ${done} of ${calls.length} calls`);
      },
    });
  };
  const cold: Timing[] = await pass('cold');
  const before = cacheCounts(await callTool(endpoint, statistics, {}));
  const warm: Timing[] = await pass('warm');
  return { cold, warm, cache: hitRateBetween(before, cacheCounts(await callTool(endpoint, statistics, {}))) };
}

const reindexAnswer = z.object({ files_indexed: z.number(), seconds: z.number() });

/** Indexes every codebase from the start and waits for it. */
async function reindex(
  endpoint: Endpoint,
  codebases: readonly string[],
  say: (text: string) => void,
): Promise<BenchFigures> {
  let [files, seconds] = [0, 0];
  for (const path of codebases) {
    say(`index ${path} again`);
    const args = { path, full: true, max_wait_seconds: 3600 };
    const outcome = reindexAnswer.parse(await callTool(endpoint, 'index_codebase', args, hourMs + 60_000));
    files += outcome.files_indexed;
    seconds += outcome.seconds;
  }
  return seconds > 0 ? { indexFilesPerSecond: files / seconds } : {};
}

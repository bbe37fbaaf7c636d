/**
 * Decides how a call becomes an answer: arguments are checked, heavy calls wait for their turn, time is bounded, and every
 * throw turns into a sentence that helps.
 */
import type { z } from 'zod';
import { anonymous } from '../auth/caller.ts';
import { createViews } from '../auth/caller-view.ts';
import { createDeadlines, type Deadlines } from '../deadlines.ts';
import { CodeSageError, messageOf, withoutPaths } from '../errors.ts';
import { writeAnswer } from './answer-json.ts';
import { codebaseOfCall } from './call-codebase.ts';
import type { Tool, ToolCall, ToolServices } from './define.ts';
import { type LaneName, Lanes } from './lanes.ts';
import { type Again, Recall } from './recall.ts';

/** An answer as the protocol carries it. Never thrown: faults are answers too. */
export type ToolAnswer = {
  content: [{ type: 'text'; text: string }];
  structuredContent?: Record<string, unknown>;
  isError?: true;
};

/** What happened, for metrics and logs. `seconds` include the wait for a turn; `code` is set when the answer is an error. */
export type ToolObservation = {
  tool: string;
  seconds: number;
  outcome: 'ok' | 'error';
  code?: string;
  /** Who called, by the name that logs tell. */
  caller: string;
  /** The configured codebase that the arguments name; absent where they name none, all, or one that the caller may not see. */
  codebase?: string;
  /** Of the call, as it brought them. */
  client?: string;
  requestId?: string;
  args: unknown;
};

export type ToolRunner = (tool: Tool, args: unknown, call: ToolCall) => Promise<ToolAnswer>;

/** Makes the one function through which every transport runs tools. */
export function createToolRunner(
  services: ToolServices,
  observe: (observation: ToolObservation) => void,
  now: () => number = () => performance.now(),
  lanes = new Lanes(),
): ToolRunner {
  const viewOf = createViews();
  const timeLimit = createTimeLimits();
  const recall = new Recall();
  return async function runTool(tool, args, call) {
    const started = now();
    const { caller = anonymous, client, requestId } = call;
    const view = viewOf(services, caller);
    const codebase = codebaseOfCall(args, view.settings.config);
    const finish = (code?: string) =>
      observe({
        tool: tool.name,
        seconds: (now() - started) / 1000,
        outcome: code === undefined ? 'ok' : 'error',
        ...(code !== undefined && { code }),
        caller: caller.name,
        ...(codebase !== undefined && { codebase }),
        ...(client !== undefined && { client }),
        ...(requestId !== undefined && { requestId }),
        args,
      });
    try {
      const recalled = recall.find(view.engine, tool.name, args, started, now);
      if (recalled !== undefined) {
        finish();
        return recalled;
      }
      const parsed = tool.input.safeParse(args ?? {});
      if (!parsed.success) throw argumentFault(tool, parsed.error);
      let again: Again | undefined;
      const sameAgain = (ask: Again) => {
        again = ask;
      };
      const context = { ...services, ...view, ...call, sameAgain };
      const { lane } = tool;
      const work = (signal: AbortSignal) => tool.handle(parsed.data, { ...context, signal });
      const result = await (lane === undefined || (await tool.isAtHand(parsed.data, context))
        ? withinTime(tool, timeLimit(tool.timeoutMs), call.signal, work)
        : inTurn(lanes, timeLimit(tool.timeoutMs), tool, call, lane, work));
      finish();
      const written = writeAnswer(result);
      if (again !== undefined) recall.keep(view.engine, tool.name, args, again, written);
      return written;
    } catch (error) {
      const fault = toFault(error);
      if (fault.code === 'Internal') services.log.error({ tool: tool.name, err: error }, 'Tool failed unexpectedly');
      finish(fault.code);
      return {
        content: [{ type: 'text', text: `${fault.code}: ${fault.message} ${fault.remedy}`.trim() }],
        isError: true,
      };
    }
  };
}

/** Faults name what the caller sent, which may be of any length. */
const maxFaultLength = 2000;

function shorten(text: string): string {
  return text.length <= maxFaultLength ? text : `${text.slice(0, maxFaultLength)}…`;
}

/** Says which argument is wrong and what the tool takes instead. */
function argumentFault(tool: Tool, error: z.ZodError): CodeSageError {
  const faults = error.issues.map((issue) => {
    if (issue.path.length === 0) return issue.message;
    const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
    return isMissing ? `${issue.path.join('.')} is missing` : `${issue.path.join('.')}: ${issue.message}`;
  });
  const required = new Set(Array.isArray(tool.inputSchema.required) ? tool.inputSchema.required : []);
  const inPath = placeOfCodebase(tool, error);
  const takes = Object.keys(tool.input.shape).map((name) => (required.has(name) ? `${name} (required)` : name));
  const remedy = takes.length === 0 ? `${tool.name} takes no arguments.` : `${tool.name} takes: ${takes.join(', ')}.`;
  return new CodeSageError('InvalidArgument', `${shorten(faults.join('; '))}.`, `${inPath}${remedy}`);
}

/** Tools that take one file know its codebase by the path. */
function placeOfCodebase(tool: Tool, error: z.ZodError): string {
  const isTold = error.issues.some(
    (issue) => issue.code === 'unrecognized_keys' && issue.keys.includes('codebase_path'),
  );
  return isTold && 'file_path' in tool.input.shape ? 'Write the codebase as the first part of file_path. ' : '';
}

type Work<T> = (signal: AbortSignal) => Promise<T>;

/** Runs a heavy call once there is a place for it, which it keeps until the work has ended, even after its time is over. */
async function inTurn<T>(
  lanes: Lanes,
  limit: Deadlines,
  tool: Tool,
  call: ToolCall,
  lane: LaneName,
  work: Work<T>,
): Promise<T> {
  const leave = await lanes.enter(lane, tool.name, call.signal, call.client).catch((reason: unknown) => {
    throw call.signal.aborted ? cancelled() : reason;
  });
  return withinTime(tool, limit, call.signal, async (signal) => {
    try {
      return await work(signal);
    } finally {
      leave();
    }
  });
}

function cancelled(): CodeSageError {
  return new CodeSageError('Cancelled', 'The caller cancelled the call.', 'Call again if you still need it.');
}

/** Gives the watch over calls that may take so long: one timer for all of them, since nearly none is ever late. */
function createTimeLimits(): (timeoutMs: number) => Deadlines {
  const limits = new Map<number, Deadlines>();
  return (timeoutMs) => {
    const known = limits.get(timeoutMs) ?? createDeadlines(() => timeoutMs / 1000);
    limits.set(timeoutMs, known);
    return known;
  };
}

/** Ends the wait when the caller goes away or the time is over, whether or not the tool itself listens. */
async function withinTime<T>(tool: Tool, limit: Deadlines, caller: AbortSignal, work: Work<T>): Promise<T> {
  const controller = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const end = (fault: CodeSageError) => {
    controller.abort(fault);
    reject(fault);
  };
  const onCancel = () => end(cancelled());
  const forget = limit.watch(() => {
    end(
      new CodeSageError(
        'TimedOut',
        `${tool.name} took longer than ${tool.timeoutMs / 1000} seconds.`,
        'Narrow the request, or try again later.',
      ),
    );
  });
  caller.addEventListener('abort', onCancel, { once: true });
  if (caller.aborted) onCancel();
  try {
    // Whichever comes first; a race of two promises would make three more.
    work(controller.signal).then(resolve, reject);
    return await promise;
  } finally {
    forget();
    caller.removeEventListener('abort', onCancel);
  }
}

function toFault(error: unknown): CodeSageError {
  if (error instanceof CodeSageError) return error;
  return new CodeSageError(
    'Internal',
    `The server failed: ${withoutPaths(messageOf(error))}.`,
    "Try again; if it stays, see the server's log.",
    { cause: error },
  );
}

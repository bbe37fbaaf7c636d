/** Decides what is proposed for a name or a path that somebody has begun to type. */
import type { CompleteRequestParams, CompleteResult } from '@modelcontextprotocol/server';
import type { Engine } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import type { Asked, Completion } from '../mcp/contents.ts';
import { filesIfIndexed, knownCodebases } from './reading.ts';

/** Values of one answer; the protocol's own bound. */
const mostValues = 100;

/** Makes the completion of codebases and paths, for the resource template and for prompts alike: their arguments have the same names. */
export function createCompletion(engineOf: (asked: Asked) => Engine): Completion {
  return async function complete(params, asked) {
    const { name, value } = params.argument;
    const engine = engineOf(asked);
    if (name === 'codebase') {
      const codebases = await knownCodebases(engine, asked.signal);
      return ranked(
        codebases.map((codebase) => codebase.name),
        value,
      );
    }
    if (name === 'path') return ranked(await pathsOf(params, engine, asked.signal), value);
    return ranked([], value);
  };
}

/** Paths of the codebase that was chosen before; none while none was, or it is not known. */
async function pathsOf({ context }: CompleteRequestParams, engine: Engine, signal: AbortSignal): Promise<string[]> {
  const codebase = context?.arguments?.codebase;
  if (codebase === undefined) return [];
  try {
    return ((await filesIfIndexed(codebase, engine, signal)) ?? []).map(({ path }) => path);
  } catch (error) {
    if (error instanceof CodeSageError) return [];
    throw error;
  }
}

/** What begins with the text, then files whose name does, then what has it anywhere; each by name. Letters count in any case. */
export function ranked(values: readonly string[], begun: string): CompleteResult {
  const wanted = begun.toLowerCase();
  const rankOf = (value: string) => {
    const text = value.toLowerCase();
    if (text.startsWith(wanted)) return 0;
    if (text.slice(text.lastIndexOf('/') + 1).startsWith(wanted)) return 1;
    return text.includes(wanted) ? 2 : 3;
  };
  const fitting = values
    .map((value) => ({ value, rank: rankOf(value) }))
    .filter(({ rank }) => rank < 3)
    .toSorted((x, y) => x.rank - y.rank || (x.value < y.value ? -1 : 1));
  return {
    completion: {
      values: fitting.slice(0, mostValues).map(({ value }) => value),
      total: fitting.length,
      hasMore: fitting.length > mostValues,
    },
  };
}

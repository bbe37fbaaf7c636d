/** Decides how resources, prompts and completion are put together over the engine, each caller seeing their own codebases. */
import { ProtocolError, ResourceNotFoundError } from '@modelcontextprotocol/server';
import { maySee } from '../auth/caller.ts';
import { createViews } from '../auth/caller-view.ts';
import type { Settings } from '../config.ts';
import type { Engine } from '../engine.ts';
import type { Asked, McpContents } from '../mcp/contents.ts';
import type { ToolObservation } from '../tools/run.ts';
import { createCompletion } from './completion.ts';
import { createPrompts } from './prompt-service.ts';
import { createResources } from './resources.ts';
import { parseUri } from './uri.ts';

export type ContentServices = {
  engine: Engine;
  settings: Settings;
  /** Told of whatever hands out text of a codebase, as of calls of tools. */
  observe: (observation: ToolObservation) => void;
  /** Milliseconds, rising. */
  now?: () => number;
};

/** Makes what there is besides tools. */
export function createContents({ now = () => performance.now(), ...services }: ContentServices): McpContents {
  const viewOf = createViews();
  const engineOf = ({ caller }: Asked) => viewOf(services, caller).engine;
  const resources = createResources(engineOf);
  const prompts = createPrompts(engineOf);

  /** `args` are told as a tool's would be; the codebase among them only where this caller may see it. */
  async function observed<T>(
    tool: string,
    { caller, client, requestId }: Asked,
    { codebase, ...args }: { codebase: string | undefined } & Record<string, unknown>,
    work: Promise<T>,
  ): Promise<T> {
    const startedAt = now();
    const known = services.settings.config.sources.some(({ name }) => name === codebase);
    const about = codebase !== undefined && known && maySee(caller, codebase) ? { codebase } : {};
    const observe = (outcome: 'ok' | 'error', code?: string) =>
      services.observe({
        tool,
        seconds: (now() - startedAt) / 1000,
        outcome,
        ...(code !== undefined && { code }),
        caller: caller.name,
        ...about,
        ...(client !== undefined && { client }),
        ...(requestId !== undefined && { requestId }),
        args: { codebase, ...args },
      });
    return work.then(
      (result) => {
        observe('ok');
        return result;
      },
      (error: unknown) => {
        observe('error', codeOf(error));
        throw error;
      },
    );
  }

  return {
    resources: {
      ...resources,
      read: (uri, asked) =>
        observed('resources/read', asked, { codebase: parseUri(uri)?.codebase, uri }, resources.read(uri, asked)),
    },
    prompts: {
      ...prompts,
      get: (name, args, asked) =>
        observed('prompts/get', asked, { ...args, codebase: args.codebase, name }, prompts.get(name, args, asked)),
    },
    complete: createCompletion(engineOf),
  };
}

/** The code in front of a refusal's sentence, or what kind of refusal it is. */
function codeOf(error: unknown): string {
  if (error instanceof ResourceNotFoundError) return 'FileNotFound';
  if (!(error instanceof ProtocolError)) return 'Internal';
  return /^([A-Z]\w+): /.exec(error.message)?.[1] ?? 'InvalidArgument';
}

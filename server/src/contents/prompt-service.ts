/** Decides how a prompt is listed, which arguments it takes, and what becomes of them. */
import { type PromptMessage, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Engine } from '../engine.ts';
import type { Asked, McpPrompts } from '../mcp/contents.ts';
import { type PromptDefinition, promptDefinitions } from './prompts.ts';
import { knownCodebases, readOverview, toProtocolError } from './reading.ts';
import { uriOf } from './uri.ts';

/** Characters of one argument; a stack trace fits. */
const maxArgument = 20_000;

type Given = Readonly<Record<string, string>>;

/** Makes the prompts over what of the engine a caller may see. */
export function createPrompts(engineOf: (asked: Asked) => Engine): McpPrompts {
  const byName = new Map(promptDefinitions.map((prompt) => [prompt.name, prompt]));
  return {
    listed: promptDefinitions.map(({ name, title, description, arguments: args }) => ({
      name,
      title,
      description,
      arguments: [...args],
    })),
    get: async (name, args, asked) => {
      const prompt = byName.get(name);
      if (prompt === undefined)
        throw invalid(`There is no prompt ${shown(name)}. Prompts: ${[...byName.keys()].join(', ')}.`);
      const given = check(prompt, args);
      const engine = engineOf(asked);
      await requireCodebase(given.codebase ?? '', engine, asked.signal);
      return { description: prompt.description, messages: await messagesOf(prompt, given, engine, asked.signal) };
    },
  };
}

/** What was given, without what was left empty. @throws ProtocolError */
function check(prompt: PromptDefinition, args: Given): Given {
  const names = prompt.arguments.map(({ name }) => name);
  const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value.trim() !== ''));
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  const missing = prompt.arguments.find(({ name, required }) => required && given[name] === undefined);
  const long = Object.keys(given).find((name) => (given[name] ?? '').length > maxArgument);
  const takes = `${prompt.name} takes: ${prompt.arguments.map(({ name, required }) => (required ? `${name} (required)` : name)).join(', ')}.`;
  if (unknown !== undefined) throw invalid(`There is no argument ${shown(unknown)}. ${takes}`);
  if (missing !== undefined) throw invalid(`${missing.name} is missing. ${takes}`);
  if (long !== undefined) throw invalid(`${long} is longer than ${maxArgument} characters.`);
  return given;
}

/** Names a codebase that this caller does not know, before a model spends calls on it. */
async function requireCodebase(codebase: string, engine: Engine, signal: AbortSignal): Promise<void> {
  const names = (await knownCodebases(engine, signal)).map(({ name }) => name);
  if (!names.includes(codebase))
    throw invalid(`There is no codebase ${shown(codebase)}. Codebases: ${names.slice(0, 50).join(', ') || 'none'}.`);
}

async function messagesOf(
  prompt: PromptDefinition,
  given: Given,
  engine: Engine,
  signal: AbortSignal,
): Promise<PromptMessage[]> {
  const text: PromptMessage = { role: 'user', content: { type: 'text', text: prompt.write(given) } };
  if (!prompt.showsOverview) return [text];
  const codebase = given.codebase ?? '';
  try {
    return [
      { role: 'user', content: { type: 'resource', resource: await readOverview(codebase, engine, signal) } },
      text,
    ];
  } catch (error) {
    throw toProtocolError(error, uriOf({ codebase }));
  }
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

/** A name as a message may repeat it. */
function shown(name: string): string {
  return JSON.stringify(name.length <= 100 ? name : `${name.slice(0, 100)}…`);
}

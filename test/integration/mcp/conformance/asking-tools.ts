/** Decides what the suite's tools do that ask their caller, in the way of each era: a request on the stream, or a result that asks. */
import { createHmac, randomBytes } from 'node:crypto';
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { isObject } from '../../../../server/src/mcp/json.ts';
import { type AskingTool, fixtureTool, say } from './fixture-tool.ts';

type Form = Parameters<typeof inputRequired.elicit>[0]['requestedSchema'];

const form = (properties: Record<string, unknown>, required: string[] = []) =>
  ({ type: 'object', properties, required }) as Form;
const nameForm = form({ name: { type: 'string' } }, ['name']);
const okForm = form({ ok: { type: 'boolean' } }, ['ok']);

const askForName = inputRequired.elicit({ message: 'What is your name?', requestedSchema: nameForm });
const askForOk = inputRequired.elicit({ message: 'Please confirm', requestedSchema: okForm });
const askModel = (text: string, maxTokens = 100) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens });

/** What came back for one question: a text of a form's field, or undefined. */
function field({ mcpReq }: ServerContext, key: string, name: string): unknown {
  return acceptedContent(mcpReq.inputResponses, key)?.[name];
}

function answered({ mcpReq }: ServerContext, key: string) {
  const response = inputResponse(mcpReq.inputResponses, key);
  return response.kind === 'missing' ? undefined : response;
}

const secret = randomBytes(32);
const sign = (payload: string) => createHmac('sha256', secret).update(payload).digest('base64url');

/** State that only this process can have made. */
function seal(state: Record<string, unknown>): string {
  const payload = Buffer.from(JSON.stringify(state)).toString('base64url');
  return `${payload}.${sign(payload)}`;
}

function unseal({ mcpReq }: ServerContext): Record<string, unknown> | undefined {
  const sealed = mcpReq.requestState<unknown>();
  if (sealed === undefined) return undefined;
  const [payload = '', signature] = String(sealed).split('.');
  if (signature !== sign(payload)) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'The state was changed.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}

/** Answers of the 2026-07-28 era: what is missing is part of the result, and the caller comes again with it. */
const rounds: readonly AskingTool[] = [
  {
    tool: fixtureTool('test_input_required_result_elicitation', 'Asks for a name.'),
    answer: async (_args, context) => {
      const name = field(context, 'user_name', 'name');
      return typeof name === 'string'
        ? say(`Hello, ${name}!`)
        : inputRequired({ inputRequests: { user_name: askForName } });
    },
  },
  {
    tool: fixtureTool('test_input_required_result_sampling', 'Asks the client’s model.'),
    answer: async (_args, context) => {
      const response = answered(context, 'capital_question');
      return response?.kind === 'sampling'
        ? say(`The model says: ${JSON.stringify(response.result.content)}`)
        : inputRequired({ inputRequests: { capital_question: askModel('What is the capital of France?') } });
    },
  },
  {
    tool: fixtureTool('test_input_required_result_list_roots', 'Asks for the roots.'),
    answer: async (_args, context) => {
      const response = answered(context, 'client_roots');
      return response?.kind === 'roots'
        ? say(`Roots: ${response.roots.map(({ uri }) => uri).join(', ')}`)
        : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
    },
  },
  ...['test_input_required_result_request_state', 'test_input_required_result_tampered_state'].map(
    (name): AskingTool => ({
      tool: fixtureTool(name, 'Asks for a confirmation and keeps its state with the caller.'),
      answer: async (_args, context) => {
        const state = unseal(context);
        return state?.kind === name && field(context, 'confirm', 'ok') === true
          ? say('state-ok')
          : inputRequired({ inputRequests: { confirm: askForOk }, requestState: seal({ kind: name }) });
      },
    }),
  ),
  {
    tool: fixtureTool('test_input_required_result_multiple_inputs', 'Asks three questions at once.'),
    answer: async (_args, context) => {
      const questions = {
        user_name: askForName,
        greeting: askModel('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      };
      const complete = Object.keys(questions).every((key) => answered(context, key) !== undefined);
      return complete && unseal(context)?.kind === 'three'
        ? say('All three came.')
        : inputRequired({ inputRequests: questions, requestState: seal({ kind: 'three' }) });
    },
  },
  {
    tool: fixtureTool('test_input_required_result_multi_round', 'Asks twice.'),
    answer: async (_args, context) => {
      const state = unseal(context);
      const color = field(context, 'step2', 'color');
      if (state?.round === 2 && typeof color === 'string') return say(`${String(state.name)} likes ${color}.`);
      const name = field(context, 'step1', 'name');
      return state?.round === 1 && typeof name === 'string' ? secondRound(name) : firstRound();
    },
  },
  {
    tool: fixtureTool('test_input_required_result_capabilities', 'Asks only what the client can answer.'),
    answer: async (_args, context) => {
      const envelope: Readonly<Record<string, unknown>> = { ...context.mcpReq.envelope };
      const declared = envelope[CLIENT_CAPABILITIES_META_KEY];
      const can = isObject(declared) ? declared : {};
      return inputRequired({
        inputRequests: {
          ...(can.sampling !== undefined && { question: askModel('What is the capital of France?') }),
          ...(can.elicitation !== undefined && { user_name: askForName }),
        },
        requestState: seal({ kind: 'capabilities' }),
      });
    },
  },
  {
    tool: fixtureTool('test_missing_capability', 'Asks a model, whether or not the client has one.'),
    answer: async () => inputRequired({ inputRequests: { question: askModel('Are you there?') } }),
  },
  {
    tool: fixtureTool('test_streaming_elicitation', 'Sends a message on the stream, then asks.'),
    answer: async (_args, { mcpReq }) => {
      await mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken: mcpReq._meta?.progressToken ?? 'none', progress: 1 },
      });
      return inputRequired({ inputRequests: { user_name: askForName } });
    },
  },
  {
    tool: fixtureTool('test_logging_tool', 'Logs one line, which only a caller hears who asked for logs.'),
    answer: async (_args, { mcpReq }) => {
      await mcpReq.log('info', 'a line');
      return say('Logged.');
    },
  },
];

function firstRound(): InputRequiredResult {
  const step1 = inputRequired.elicit({ message: 'Step 1: What is your name?', requestedSchema: nameForm });
  return inputRequired({ inputRequests: { step1 }, requestState: seal({ round: 1 }) });
}

function secondRound(name: string): InputRequiredResult {
  const requestedSchema = form({ color: { type: 'string' } }, ['color']);
  const step2 = inputRequired.elicit({ message: 'Step 2: What is your favorite color?', requestedSchema });
  return inputRequired({ inputRequests: { step2 }, requestState: seal({ round: 2, name }) });
}

/** What the prompt of the suite asks for before it can be given. */
export function promptWithQuestion(context: ServerContext) {
  const words = field(context, 'user_context', 'context');
  if (typeof words === 'string')
    return { messages: [{ role: 'user' as const, content: { type: 'text' as const, text: `In view of ${words}` } }] };
  const requestedSchema = form({ context: { type: 'string' } }, ['context']);
  return inputRequired({
    inputRequests: {
      user_context: inputRequired.elicit({ message: 'What context should the prompt use?', requestedSchema }),
    },
  });
}

const choices = (...names: string[]) => names.map((title, index) => ({ const: `value${index + 1}`, title }));

/** Forms that the suite looks at as its client receives them. */
const forms: Readonly<Record<string, Form>> = {
  test_elicitation_sep1034_defaults: form({
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  }),
  test_elicitation_sep1330_enums: form({
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', oneOf: choices('First Option', 'Second Option', 'Third Option') },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
    titledMulti: { type: 'array', items: { anyOf: choices('First Choice', 'Second Choice', 'Third Choice') } },
  }),
};

/** Answers of the 2025 era: questions go to the client over the stream of the call, which waits. */
const onTheStream: readonly AskingTool[] = [
  {
    tool: fixtureTool('test_tool_with_logging', 'Logs three lines while it works.'),
    answer: async (_args, { mcpReq }) => {
      for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed'])
        await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } });
      return say('Logged three lines.');
    },
  },
  {
    tool: fixtureTool('test_sampling', 'Asks the client’s model.', {
      type: 'object',
      properties: { prompt: { type: 'string' } },
      required: ['prompt'],
    }),
    answer: async ({ prompt }, { mcpReq }) => {
      const { content } = await mcpReq.send({ ...askModel(String(prompt)) });
      return say(`LLM response: ${JSON.stringify(content)}`);
    },
  },
  {
    tool: fixtureTool('test_elicitation', 'Asks the user.', {
      type: 'object',
      properties: { message: { type: 'string' } },
      required: ['message'],
    }),
    answer: async ({ message }, { mcpReq }) => {
      const requestedSchema = form({ response: { type: 'string' } }, ['response']);
      const { action, content } = await mcpReq.send({
        method: 'elicitation/create',
        params: { message, requestedSchema },
      });
      return say(`User response: action=${action}, content=${JSON.stringify(content ?? {})}`);
    },
  },
  ...Object.entries(forms).map(
    ([name, requestedSchema]): AskingTool => ({
      tool: fixtureTool(name, 'Shows the user a form.'),
      answer: async (_args, { mcpReq }) => {
        const params = { message: 'Please fill in the form', requestedSchema };
        const { action, content } = await mcpReq.send({ method: 'elicitation/create', params });
        return say(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`);
      },
    }),
  ),
];

export const askingTools: readonly AskingTool[] = [...rounds, ...onTheStream];

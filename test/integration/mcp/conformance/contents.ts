/** Decides what the suite finds besides tools: its resources and prompts, behind the ports that ours are behind. */
import {
  type GetPromptResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server';
import type { McpContents } from '../../../../server/src/mcp/contents.ts';
import { pixelPng } from './plain-tools.ts';

type Content = ReadResourceResult['contents'][number];

const fixed: readonly Content[] = [
  {
    uri: 'test://static-text',
    mimeType: 'text/plain',
    text: 'This is the content of the static text resource.',
  },
  { uri: 'test://static-binary', mimeType: 'image/png', blob: pixelPng },
  { uri: 'test://watched-resource', mimeType: 'text/plain', text: 'Watched resource content' },
];

function readFixture(uri: string): Content {
  const one = fixed.find((content) => content.uri === uri);
  if (one !== undefined) return one;
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) throw new ResourceNotFoundError(uri);
  return {
    uri,
    mimeType: 'application/json',
    text: JSON.stringify({ id, templateTest: true, data: `Data for ${id}` }),
  };
}

type Message = GetPromptResult['messages'][number];
const user = (content: Message['content']): Message => ({ role: 'user', content });
const text = (words: string) => user({ type: 'text', text: words });

const prompts: Readonly<
  Record<string, { args?: string[]; messages: (args: Readonly<Record<string, string>>) => Message[] }>
> = {
  test_simple_prompt: { messages: () => [text('This is a simple prompt for testing.')] },
  test_prompt_with_arguments: {
    args: ['arg1', 'arg2'],
    messages: ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  },
  test_prompt_with_embedded_resource: {
    args: ['resourceUri'],
    messages: ({ resourceUri = '' }) => [
      user({
        type: 'resource',
        resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
      }),
      text('Please process the embedded resource above.'),
    ],
  },
  test_prompt_with_image: {
    messages: () => [
      user({ type: 'image', data: pixelPng, mimeType: 'image/png' }),
      text('Please analyze the image above.'),
    ],
  },
  test_input_required_result_prompt: { messages: () => [] },
};

export const fixtureContents: McpContents = {
  resources: {
    list: async () => ({
      resources: fixed.map(({ uri, mimeType }) => ({ uri, name: uri, ...(mimeType !== undefined && { mimeType }) })),
    }),
    templates: [{ uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json' }],
    read: async (uri) => ({ contents: [readFixture(uri)] }),
  },
  prompts: {
    listed: Object.entries(prompts).map(([name, { args = [] }]) => ({
      name,
      description: `The suite's ${name}.`,
      arguments: args.map((argument) => ({ name: argument, required: true })),
    })),
    get: async (name, args) => {
      const prompt = prompts[name];
      if (prompt === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name}`);
      return { messages: prompt.messages(args) };
    },
  },
  complete: async () => ({ completion: { values: [], total: 0, hasMore: false } }),
};

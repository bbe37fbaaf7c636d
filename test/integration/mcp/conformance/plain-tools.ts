/** Decides what the suite's tools answer that need nothing of their caller: every kind of content, an error, progress. */
import { fixtureTool, type PlainTool, say } from './fixture-tool.ts';

/** One red pixel. */
export const pixelPng =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
/** No samples at all, in 8 bits at 8 kHz. */
const silenceWav = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

/** Keywords beyond those that our own tools use: all of them have to reach the client. */
const wideSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
} as const;

export const plainTools: readonly PlainTool[] = [
  {
    tool: fixtureTool('test_simple_text', 'Answers one text.'),
    answer: async () => say('This is a simple text response for testing.'),
  },
  {
    tool: fixtureTool('test_image_content', 'Answers an image.'),
    answer: async () => ({
      content: [{ type: 'image', data: pixelPng, mimeType: 'image/png' }],
      structuredContent: {},
    }),
  },
  {
    tool: fixtureTool('test_audio_content', 'Answers a sound.'),
    answer: async () => ({
      content: [{ type: 'audio', data: silenceWav, mimeType: 'audio/wav' }],
      structuredContent: {},
    }),
  },
  {
    tool: fixtureTool('test_embedded_resource', 'Answers a resource.'),
    answer: async () => ({
      content: [
        {
          type: 'resource',
          resource: {
            uri: 'test://embedded-resource',
            mimeType: 'text/plain',
            text: 'This is an embedded resource content.',
          },
        },
      ],
      structuredContent: {},
    }),
  },
  {
    tool: fixtureTool('test_multiple_content_types', 'Answers a text, an image and a resource.'),
    answer: async () => ({
      content: [
        { type: 'text', text: 'Multiple content types test:' },
        { type: 'image', data: pixelPng, mimeType: 'image/png' },
        {
          type: 'resource',
          resource: {
            uri: 'test://mixed-content-resource',
            mimeType: 'application/json',
            text: '{"test":"data","value":123}',
          },
        },
      ],
      structuredContent: {},
    }),
  },
  {
    tool: fixtureTool('test_error_handling', 'Answers an error.'),
    answer: async () => ({
      content: [{ type: 'text', text: 'This tool intentionally returns an error for testing' }],
      isError: true,
    }),
  },
  {
    tool: fixtureTool('test_tool_with_progress', 'Reports progress through the port that our tools report by.'),
    answer: async (_args, { progress }) => {
      for (const done of [0, 50, 100]) progress?.({ progress: done, total: 100, message: `${done} of 100` });
      return say('Progress was reported.');
    },
  },
  {
    tool: fixtureTool('json_schema_2020_12_tool', 'Has a schema with many keywords.', wideSchema),
    answer: async () => say('The arguments fit.'),
  },
];

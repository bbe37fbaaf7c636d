/** Decides how docs/tools.md reads; it is generated from the registry, so it cannot disagree with the server. */
import type { Tool } from './define.ts';

type Property = {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  items?: { type?: string };
  minimum?: number;
  maximum?: number;
};

/** The whole of docs/tools.md. Pure: the same registry gives the same text. */
export function renderToolsDoc(registry: readonly Tool[]): string {
  const overview = registry.map(
    (tool) => `| [${tool.name}](#${tool.name}) | ${tool.title} | ${tool.annotations.readOnlyHint ? 'yes' : 'no'} |`,
  );
  return [
    '# Tools',
    '',
    '<!-- Generated from server/src/tools by `npm run generate`. Do not edit. -->',
    '',
    "What an MCP client can call. Every answer carries `structuredContent` that fits the tool's output schema, and the same as text.",
    'A wrong argument is answered with `isError: true` and a sentence that says what to write. Answers stay near 20,000 tokens; a longer one says how to read on.',
    '',
    '| Tool | Purpose | Read-only |',
    '|---|---|---|',
    ...overview,
    '',
    ...registry.flatMap(renderTool),
  ].join('\n');
}

function renderTool(tool: Tool): string[] {
  return [
    `## ${tool.name}`,
    '',
    tool.description,
    '',
    ...renderProperties('Parameter', tool.inputSchema),
    ...renderProperties('Answer', tool.outputSchema),
  ];
}

function renderProperties(heading: string, schema: Tool['inputSchema']): string[] {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Property>);
  if (properties.length === 0) return [`${heading}: none.`, ''];
  const required = new Set(schema.required as string[] | undefined);
  const isInput = heading === 'Parameter';
  return [
    `| ${heading} | Type | ${isInput ? 'Default' : 'Always'} | Meaning |`,
    '|---|---|---|---|',
    ...properties.map(([name, property]) => {
      const third = isInput
        ? required.has(name)
          ? '**required**'
          : defaultOf(property)
        : required.has(name)
          ? 'yes'
          : '';
      return `| \`${name}\` | ${typeOf(property)} | ${third} | ${cell(property.description ?? '')} |`;
    }),
    '',
  ];
}

function defaultOf({ default: value }: Property): string {
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``;
}

function typeOf({ type = 'value', items, enum: values, minimum, maximum }: Property): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ');
  const base = type === 'array' ? `list of ${items?.type ?? 'value'}` : type;
  // zod writes the largest safe integer where a number has no bound of its own.
  const bounded = minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return bounded ? `${base}, ${minimum} to ${maximum}` : base;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

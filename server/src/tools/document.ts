/** Decides how docs/tools.md reads; it is generated from the registry, so it cannot disagree with the server. */
import type { Tool } from './define.ts';

/** The part of JSON Schema that tools are written in. */
type JsonProperties = { properties?: Record<string, JsonProperty>; required?: string[] };
type JsonProperty = JsonProperties & {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  items?: JsonProperty;
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

/** The part of one tool. */
export function renderTool(tool: Tool): string[] {
  return [
    `## ${tool.name}`,
    '',
    tool.description,
    '',
    ...renderProperties('Parameter', tool.inputSchema as JsonProperties),
    ...renderProperties('Answer', tool.outputSchema as JsonProperties),
  ];
}

function renderProperties(heading: 'Parameter' | 'Answer', schema: JsonProperties): string[] {
  const rows = rowsOf(schema, '', heading);
  if (rows.length === 0) return [`${heading}: none.`, ''];
  return [
    `| ${heading} | Type | ${heading === 'Parameter' ? 'Default' : 'Always'} | Meaning |`,
    '|---|---|---|---|',
    ...rows,
    '',
  ];
}

/** One row a property; those of nested objects follow it, with their path in front. */
function rowsOf(schema: JsonProperties, prefix: string, heading: 'Parameter' | 'Answer'): string[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const isRequired = required.has(name);
    const third = heading === 'Answer' ? (isRequired ? 'yes' : '') : isRequired ? '**required**' : defaultOf(property);
    const row = `| \`${path}\` | ${typeOf(property)} | ${third} | ${cell(property.description ?? '')} |`;
    const nested =
      property.type === 'array'
        ? rowsOf(property.items ?? {}, `${path}[].`, heading)
        : rowsOf(property, `${path}.`, heading);
    return [row, ...nested];
  });
}

function defaultOf({ default: value }: JsonProperty): string {
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``;
}

function typeOf({ type = 'value', items, enum: values, minimum, maximum }: JsonProperty): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ');
  const base = type === 'array' ? `list of ${items?.type ?? 'value'}` : type;
  // zod writes the largest safe integer where a number has no bound of its own.
  const bounded = minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return bounded ? `${base}, ${minimum} to ${maximum}` : base;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

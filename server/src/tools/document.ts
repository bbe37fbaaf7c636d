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

/** A call of a tool and its answer, as text of JSON. `brief` is the call in one line. */
export type ToolExample = { brief: string; call: string; answer: string };

/** The whole of docs/tools.md. Pure: the same registry and examples give the same text. */
export function renderToolsDoc(
  registry: readonly Tool[],
  examples: ReadonlyMap<string, ToolExample> = new Map(),
): string {
  const overview = registry.map((tool) => {
    const { name, annotations } = tool;
    const example = examples.get(name)?.brief;
    const shown = example === undefined ? '' : code(example);
    return `| [${name}](#${name}) | ${cell(purposeOf(tool))} | ${shown} | ${annotations.readOnlyHint ? 'yes' : 'no'} |`;
  });
  return [
    '# Tools',
    '',
    '<!-- Generated from server/src/tools by `npm run generate`. Do not edit. -->',
    '',
    "What an MCP client can call. Every answer carries `structuredContent` that fits the tool's output schema, and the same as text.",
    'A wrong argument is answered with `isError: true` and a sentence that says what to write. Answers stay near 20,000 tokens; a longer one says how to read on.',
    '',
    'The examples were made by calling every tool once on a real server, over the small repository that `hack/tool-examples/shop.ts` describes. A long answer is cut, and says where and by how much ("… 3 more"). What differs from run to run is shown as a fixed value: times, dates of indexing, memory, sizes of the index, names of its versions.',
    '',
    '| Tool | What it is for | Example | Read-only |',
    '|---|---|---|---|',
    ...overview,
    '',
    ...registry.flatMap((tool) => renderTool(tool, examples.get(tool.name))),
  ].join('\n');
}

/** The first sentence of the description. */
export function purposeOf({ description }: Tool): string {
  return /^.*?[.](?=\s|$)/.exec(description)?.[0] ?? description;
}

/** The part of one tool. */
export function renderTool(tool: Tool, example?: ToolExample): string[] {
  return [
    `## ${tool.name}`,
    '',
    tool.description,
    '',
    ...renderProperties('Parameter', tool.inputSchema as JsonProperties),
    ...renderProperties('Answer', tool.outputSchema as JsonProperties),
    ...(example === undefined ? [] : renderExample(example)),
  ];
}

function renderExample({ call, answer }: ToolExample): string[] {
  return ['Example:', '', '```json', call, '```', '', 'Its answer:', '', '```json', answer, '```', ''];
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

/** Code in a cell of a table, where a bar would end the cell, and a grave accent the code. */
function code(text: string): string {
  return `\`\`${cell(text)}\`\``.replaceAll('``', text.includes('`') ? '``' : '`');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

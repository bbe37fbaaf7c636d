/** Decides what the API reference for people (docs/api.md) says: every field, column, condition and reason, from the schemas. */
import { conditionMeanings, conditionTypes, reasons } from './conditions.ts';
import { objectSchema, type SchemaNode } from './crd.ts';
import { annotations, apiVersion } from './group.ts';
import { type Kind, kinds } from './kinds.ts';

type Row = { path: string; node: SchemaNode; required: boolean };

/** All fields below a node, parents first. */
function fieldsOf(node: SchemaNode, prefix: string): Row[] {
  const required = new Set(node.required ?? []);
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const below = child.items ? fieldsOf(child.items, `${path}[]`) : fieldsOf(child, path);
    return [{ path, node: child, required: required.has(name) }, ...below];
  });
}

function typeOf(node: SchemaNode): string {
  if (node['x-kubernetes-int-or-string']) return 'quantity';
  if (node.enum) return node.enum.join(' \\| ');
  if (node.type === 'array') return `list of ${node.items ? typeOf(node.items) : 'anything'}`;
  if (node.additionalProperties) return 'map of string';
  return node.format === 'date-time' ? 'time' : (node.type ?? 'object');
}

function defaultOf(node: SchemaNode): string {
  // The default of an object is that of its fields, which have rows of their own.
  if (node.default === undefined || node.type === 'object') return '';
  return `\`${typeof node.default === 'string' ? node.default : JSON.stringify(node.default)}\``;
}

function rulesOf(node: SchemaNode): string[] {
  const own = node['x-kubernetes-validations'] ?? [];
  const items = node.items?.['x-kubernetes-validations'] ?? [];
  return [...own, ...items].map((rule) => rule.message);
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

function fieldTable(node: SchemaNode): string {
  const rows = fieldsOf(node, '').map(({ path, node: child, required }) => {
    const rules = rulesOf(child).map((message) => ` *${escapeCell(message)}.*`);
    const description = `${escapeCell(child.description ?? '')}${rules.join('')}`;
    return `| \`${path}\`${required ? ' **required**' : ''} | ${typeOf(child)} | ${defaultOf(child)} | ${description} |`;
  });
  return ['| Field | Type | Default | Meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function columnTable(kind: Kind): string {
  const rows = kind.columns.map(
    ({ name, wide, description }) => `| ${name.toUpperCase()} | ${wide ? '`-o wide`' : 'always'} | ${description} |`,
  );
  return ['| Column | Shown | Meaning |', '|---|---|---|', ...rows].join('\n');
}

function kindSection(kind: Kind): string {
  const schema = objectSchema(kind);
  const { spec = {}, status = {} } = schema.properties ?? {};
  const rules = [...(schema['x-kubernetes-validations'] ?? []), ...(spec['x-kubernetes-validations'] ?? [])];
  return [
    `## ${kind.kind}`,
    `${kind.description} Short name \`${kind.shortName}\`, API version \`${apiVersion}\`.`,
    ...(rules.length > 0 ? [rules.map((rule) => `- ${rule.message}.`).join('\n')] : []),
    '### Spec',
    fieldTable(spec),
    '### Status',
    fieldTable(status),
    '### Columns',
    columnTable(kind),
  ].join('\n\n');
}

function conditionSection(): string {
  const parts = conditionTypes.map((type) => {
    const rows = Object.entries(reasons[type]).map(([reason, meaning]) => `| \`${reason}\` | ${escapeCell(meaning)} |`);
    return `### ${type}\n\n${conditionMeanings[type]}\n\n| Reason | Meaning |\n|---|---|\n${rows.join('\n')}`;
  });
  return `## Conditions of a CodeSageServer\n\n${parts.join('\n\n')}`;
}

/** The text of docs/api.md. */
export function renderApiReference(): string {
  return `${[
    '# API reference',
    '<!-- Generated from operator/src/api by `npm run generate`. Do not edit. -->',
    `The kinds of \`${apiVersion}\`, all namespaced and in the category \`codesage\` (\`kubectl get codesage\`).`,
    [
      'Annotations of a CodeSageServer:',
      '',
      `- \`${annotations.reindex}\`: any value not seen before asks for one full reindex; search keeps answering from the old index meanwhile.`,
      `- \`${annotations.reconcile}: disabled\`: the operator touches nothing of this server, as \`spec.paused\` does.`,
    ].join('\n'),
    ...kinds.map(kindSection),
    conditionSection(),
  ].join('\n\n')}\n`;
}

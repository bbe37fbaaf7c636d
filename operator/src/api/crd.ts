/** Decides how a kind's zod schemas become a CustomResourceDefinition: structural, described, with CEL rules and columns. Pure. */
import { z } from 'zod';
import { group, version } from './group.ts';
import type { Column, Kind } from './kinds.ts';
import type { Rule } from './schema.ts';

/** A node of an OpenAPI v3 schema as CRDs have it. */
export type SchemaNode = {
  type?: string;
  description?: string;
  default?: unknown;
  properties?: Record<string, SchemaNode>;
  required?: string[];
  items?: SchemaNode;
  additionalProperties?: SchemaNode;
  enum?: string[];
  'x-kubernetes-int-or-string'?: true;
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-validations'?: Rule[];
  [key: string]: unknown;
};

/** Order of keys in the generated files, so that people find what they look for at the same place. */
const keyOrder = [
  'description',
  'type',
  'format',
  'default',
  'enum',
  'required',
  'properties',
  'items',
  'additionalProperties',
];
/** Keys that zod writes and that say nothing in a CRD. */
const dropped = new Set(['$schema', 'anyOf']);

/**
 * The structural schema of a zod schema.
 * @throws Error when zod writes something that a structural schema cannot hold, such as a union.
 */
export function structuralSchema(schema: z.ZodType): SchemaNode {
  const raw = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline', cycles: 'throw' });
  return convert(raw as SchemaNode, '');
}

function convert(node: SchemaNode, path: string): SchemaNode {
  const intOrString = node['x-kubernetes-int-or-string'] === true;
  if (!intOrString && (node.anyOf || node.oneOf || node.allOf || node.not)) {
    throw new Error(
      `${path || 'schema'}: unions and intersections are not structural; use optional siblings and a CEL rule`,
    );
  }
  const open = node.additionalProperties !== undefined && Object.keys(node.additionalProperties).length === 0;
  const converted: SchemaNode = {};
  for (const key of sortedKeys(node)) {
    if (dropped.has(key)) continue;
    if (key === 'properties')
      converted.properties = mapValues(node.properties ?? {}, (child, name) => convert(child, `${path}.${name}`));
    else if (key === 'items') converted.items = convert(node.items ?? {}, `${path}[]`);
    else if (key === 'additionalProperties') {
      if (!open) converted.additionalProperties = convert(node.additionalProperties ?? {}, `${path}{}`);
    } else converted[key] = node[key];
  }
  if (open) converted['x-kubernetes-preserve-unknown-fields'] = true;
  if (converted.properties && Object.keys(converted.properties).length === 0) delete converted.properties;
  if (converted.default !== undefined) converted.default = withDefaults(converted, converted.default);
  return withoutSafeIntegerBounds(converted);
}

/** A default with the defaults of what it leaves out: the API server checks rules on it before it fills it in. */
function withDefaults(node: SchemaNode, value: unknown): unknown {
  if (node.type !== 'object' || typeof value !== 'object' || value === null) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const fallback = filled[name] ?? child.default;
    if (fallback !== undefined) filled[name] = withDefaults(child, fallback);
  }
  return filled;
}

/** zod bounds every integer by what a double can hold; in a CRD that is noise. */
function withoutSafeIntegerBounds(node: SchemaNode): SchemaNode {
  if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
  if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
  return node;
}

function sortedKeys(node: SchemaNode): string[] {
  const rank = (key: string) => (keyOrder.includes(key) ? keyOrder.indexOf(key) : keyOrder.length);
  return Object.keys(node).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

function mapValues<T, U>(record: Record<string, T>, map: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

/** The schema of a whole object of the kind. */
export function objectSchema(kind: Kind): SchemaNode {
  const spec = structuralSchema(kind.spec);
  return {
    description: kind.description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { description: `Version of the API: ${group}/${version}.`, type: 'string' },
      kind: { description: `Kind of the object: ${kind.kind}.`, type: 'string' },
      // The API server describes it itself and refuses anything more here.
      metadata: { type: 'object' },
      spec: {
        description: 'What is wanted.',
        ...spec,
        ...(kind.specRules.length > 0 && { 'x-kubernetes-validations': kind.specRules }),
      },
      status: { description: 'What is the case, as the operator found it.', ...structuralSchema(kind.status) },
    },
    ...(kind.rules.length > 0 && { 'x-kubernetes-validations': kind.rules }),
  };
}

function printerColumn(column: Column) {
  const { name, type, jsonPath, wide, description } = column;
  return { name, type, jsonPath, description, ...(wide && { priority: 1 }) };
}

/** The CustomResourceDefinition of a kind. */
export function buildCrd(kind: Kind) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${group}`, labels: { 'app.kubernetes.io/part-of': 'codesage' } },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: [kind.shortName],
        categories: ['codesage'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: objectSchema(kind) },
          subresources: { status: {}, ...(kind.scale && { scale: kind.scale }) },
          additionalPrinterColumns: kind.columns.map(printerColumn),
        },
      ],
    },
  };
}

import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { conditionTypes, reasons } from './conditions.ts';
import { buildCrd, objectSchema, type SchemaNode, structuralSchema } from './crd.ts';
import { kinds, serverKind } from './kinds.ts';
import { serverSpecSchema } from './server-spec.ts';

/** Every field below a node with its path; items and map values are nodes too. */
function* walk(node: SchemaNode, path: string): Generator<[string, SchemaNode]> {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    yield [`${path}.${name}`, child];
    yield* walk(child, `${path}.${name}`);
  }
  if (node.items) yield* walk(node.items, `${path}[]`);
  if (node.additionalProperties) yield* walk(node.additionalProperties, `${path}{}`);
}

describe.each(kinds)('$kind', (kind) => {
  const nodes = [...walk(objectSchema(kind), kind.kind)];

  test('[api.structural] every field has a description', () => {
    expect(
      nodes.filter(([path, node]) => !node.description && path !== `${kind.kind}.metadata`).map(([path]) => path),
    ).toEqual([]);
  });

  test('[api.structural] every field has a type, and nothing of JSON schema that CRDs refuse', () => {
    for (const [path, node] of nodes) {
      expect(node.type !== undefined || node['x-kubernetes-int-or-string'] === true, path).toBe(true);
      expect(Object.keys(node), path).not.toEqual(expect.arrayContaining(['anyOf']));
      expect(node.additionalProperties !== undefined && node.properties !== undefined, path).toBe(false);
    }
  });

  test('[api.validation] every rule says what to write instead', () => {
    const rules = [['', objectSchema(kind)] as const, ...nodes].flatMap(
      ([, node]) => node['x-kubernetes-validations'] ?? [],
    );
    for (const { rule, message } of rules) expect(message.length, rule).toBeGreaterThan(25);
  });

  test('[api.columns] every column shows a field that exists', () => {
    const paths = new Set(nodes.map(([path]) => path.slice(kind.kind.length)));
    for (const column of kind.columns) {
      const path = column.jsonPath.replace(/\[\?.*?\]/, '[]');
      expect(path.startsWith('.metadata') || paths.has(path), column.jsonPath).toBe(true);
    }
  });

  test('generating twice gives the same', () => {
    expect(JSON.stringify(buildCrd(kind))).toBe(JSON.stringify(buildCrd(kind)));
  });
});

test('[api.validation] a union of shapes cannot slip into a schema', () => {
  expect(() => structuralSchema(z.object({ a: z.union([z.string(), z.object({})]) }))).toThrow(/\.a: unions/);
});

test('[api.columns] the columns are those of the design, in its order', () => {
  const names = (wide: boolean) =>
    serverKind.columns.filter((column) => Boolean(column.wide) === wide).map(({ name }) => name.toUpperCase());
  expect(names(false)).toEqual(['READY', 'STATUS', 'REPLICAS', 'FILES', 'AGE']);
  expect(names(true)).toEqual(['VERSION', 'CHUNKS', 'HIT-RATE', 'URL', 'MESSAGE']);
});

test('[api.conditions] every condition has documented reasons, and Ready is the last', () => {
  expect(conditionTypes.at(-1)).toBe('Ready');
  for (const type of conditionTypes) {
    for (const [reason, meaning] of Object.entries(reasons[type])) {
      expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(meaning.length, reason).toBeGreaterThan(10);
    }
  }
});

test('the smallest spec gets every default', () => {
  const spec = serverSpecSchema.parse({ sources: [{ name: 'a', git: { url: 'https://example.com/a.git' } }] });
  expect(spec).toMatchObject({
    replicas: 1,
    suspend: false,
    sources: [{ git: { interval: '5m', depth: 1, submodules: false }, maxFileSize: '1Mi' }],
    storage: { size: '10Gi', reclaimPolicy: 'Retain', accessModes: ['ReadWriteOnce'] },
    cache: { embedding: 5000, search: 1000, file: 100, persistence: true, warming: true },
    resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '2Gi' } },
    service: { type: 'ClusterIP', port: 8000 },
  });
});

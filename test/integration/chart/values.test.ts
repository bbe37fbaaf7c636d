import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { chartDirectory, type Programs, programs, render } from './support.ts';

let tools: Programs;
beforeAll(async () => {
  tools = await programs();
});

describe('[chart.values-schema] wrong values', () => {
  test.each([
    { name: 'an unknown value', flags: ['--set', 'replicaCount=2'], message: "'replicaCount' not allowed" },
    { name: 'a misspelt nested value', flags: ['--set', 'image.repo=x'], message: "'repo' not allowed" },
    {
      name: 'a tag inside the repository',
      flags: ['--set', 'image.repository=codesage-operator:1'],
      message: '/image/repository',
    },
    { name: 'a digest without its algorithm', flags: ['--set', 'image.digest=abc'], message: '/image/digest' },
    { name: 'an unknown log level', flags: ['--set', 'logLevel=verbose'], message: '/logLevel' },
    {
      name: 'a namespace that cannot be one',
      flags: ['--set', 'watchNamespaces={Team_A}'],
      message: '/watchNamespaces/0',
    },
    {
      name: 'a ServiceAccount that cannot be one',
      flags: ['--set-string', 'serviceAccount.name=a: b'],
      message: '/serviceAccount/name',
    },
    {
      name: 'a pull Secret that cannot be one',
      flags: ['--set-string', 'image.pullSecrets={a: b}'],
      message: '/image/pullSecrets/0',
    },
    {
      name: 'a pod label that the chart sets itself',
      flags: ['--set-string', 'podLabels.app\\.kubernetes\\.io/name=x'],
      message: "invalid propertyName 'app.kubernetes.io/name'",
    },
    { name: 'half a replica', flags: ['--set', 'replicas=1.5'], message: '/replicas' },
  ])('helm refuses $name and says where', ({ flags, message }) => {
    const { exitCode, stderr } = render(tools, flags);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(message);
  });

  test('[chart.values-schema] every value of values.yaml has a schema that refuses neighbours it does not know', async () => {
    const values: unknown = parse(await readFile(join(chartDirectory, 'values.yaml'), 'utf8'));
    const schema: unknown = JSON.parse(await readFile(join(chartDirectory, 'values.schema.json'), 'utf8'));
    expect(unspecified(values, schema)).toEqual([]);
  });
});

const objectSchema = z.object({
  properties: z.record(z.string(), z.unknown()),
  additionalProperties: z.literal(false),
});

/** Paths of values without a schema of their own. Free maps (labels, node selectors) end the walk. */
function unspecified(value: unknown, schema: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0) return [];
  if (typeof schema === 'object' && schema !== null && '$ref' in schema) return [];
  const known = objectSchema.safeParse(schema);
  if (!known.success) return [path];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = known.data.properties[key];
    return own === undefined ? [`${path}/${key}`] : unspecified(inner, own, `${path}/${key}`);
  });
}

describe('names that YAML could take for numbers', () => {
  test.each([
    { name: 'of namespaces', flags: ['--namespace', '123', '--set-string', 'watchNamespaces={456}'] },
    { name: 'of the release', flags: ['--set-string', 'nameOverride=123,fullnameOverride=1e3'] },
    {
      name: 'of a ServiceAccount, a Secret and a class',
      flags: ['--set-string', 'serviceAccount.name=1,image.pullSecrets={2},priorityClassName=3'],
    },
  ])('$name stay text', ({ flags }) => {
    const { manifests } = render(tools, flags);
    expect(manifests.length).toBeGreaterThan(5);
    // What the CRDs hold is generated; there, numbers are meant.
    const own = manifests.filter(({ kind }) => kind !== 'CustomResourceDefinition');
    expect(own.flatMap((manifest) => numbersUnder(manifest))).toEqual([]);
  });
});

/** Paths of numbers and booleans where Kubernetes wants names, labels or annotations. */
function numbersUnder(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) {
    const wantsText = /\/(name|namespace|serviceAccountName|priorityClassName)$|\/(labels|annotations|matchLabels)\//;
    return typeof value !== 'string' && wantsText.test(path) ? [path] : [];
  }
  return Object.entries(value).flatMap(([key, inner]) => numbersUnder(inner, `${path}/${key}`));
}

test('helm lint finds nothing to say about the chart', () => {
  const { exitCode, stdout, stderr } = tools.helm(['lint', '--strict', '--with-subcharts', chartDirectory]);
  expect(`${stdout}${stderr}`).toContain('0 chart(s) failed');
  expect(exitCode).toBe(0);
});

describe('images', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  test.each([
    {
      name: 'the tag is the appVersion by default',
      flags: [],
      operator: 'localhost/codesage-operator:0.1.0',
      server: 'localhost/codesage-server:0.1.0',
    },
    {
      name: 'a tag is used as given',
      flags: ['--set-string', 'image.tag=7,serverImage.tag=8'],
      operator: 'localhost/codesage-operator:7',
      server: 'localhost/codesage-server:8',
    },
    {
      name: 'a digest wins over the tag',
      flags: ['--set', `image.tag=v7,image.digest=${digest},serverImage.digest=${digest}`],
      operator: `localhost/codesage-operator@${digest}`,
      server: `localhost/codesage-server@${digest}`,
    },
  ])('$name', ({ flags, operator, server }) => {
    const { stdout } = render(tools, flags);
    expect(stdout).toContain(`image: "${operator}"`);
    expect(stdout).toContain(`--server-image=${server}\n`);
  });
});

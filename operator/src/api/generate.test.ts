import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { generateApiFiles } from './generate.ts';

const root = join(import.meta.dirname, '../../..');
const files = generateApiFiles();

test.each(Object.keys(files))('[api.generated] %s in the checkout is what the schemas say', async (path) => {
  expect(await readFile(join(root, path), 'utf8').catch(() => ''), 'stale: run npm run generate').toBe(files[path]);
});

test('[api.generated] the chart keeps the CRDs when it is uninstalled, and leaves them out on demand', () => {
  const template = files['charts/codesage-operator/templates/crds.yaml'] ?? '';
  expect(template).toContain('{{- if .Values.crds.install }}');
  const documents = template
    .replaceAll(/^\{\{.*\}\}$/gm, '')
    .split(/^---$/m)
    .map((text) => parse(text));
  expect(documents.map((crd) => crd.metadata.annotations['helm.sh/resource-policy'])).toEqual(['keep', 'keep', 'keep']);
});

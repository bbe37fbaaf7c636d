/** Decides which files are made from the API's schemas, and their exact text. Pure; `hack/generate.ts` writes them. */
import { stringify } from 'yaml';
import { buildCrd } from './crd.ts';
import { group } from './group.ts';
import { kinds } from './kinds.ts';
import { renderApiReference } from './reference.ts';

const header = '# Generated from operator/src/api by `npm run generate`. Do not edit.\n';

function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Helm would take `{{` for a template; nothing in a CRD needs it, so it is refused instead of escaped. */
function chartTemplate(documents: Record<string, unknown>[]): string {
  const kept = documents.map((document) => {
    const metadata = document.metadata as { labels: Record<string, string> };
    return { ...document, metadata: { ...metadata, annotations: { 'helm.sh/resource-policy': 'keep' } } };
  });
  const text = kept.map(toYaml).join('---\n');
  if (text.includes('{{')) throw new Error('a CRD holds {{, which Helm would take for a template');
  return `${header}{{- if .Values.crds.install }}\n${text}{{- end }}\n`;
}

/** Text of every generated file of the API, by its path from the root of the checkout. */
export function generateApiFiles(): Record<string, string> {
  const crds = kinds.map((kind) => ({ kind, crd: buildCrd(kind) }));
  return {
    ...Object.fromEntries(crds.map(({ kind, crd }) => [`crds/${group}_${kind.plural}.yaml`, header + toYaml(crd)])),
    'charts/codesage-operator/templates/crds.yaml': chartTemplate(crds.map(({ crd }) => crd)),
    'docs/api.md': renderApiReference(),
  };
}

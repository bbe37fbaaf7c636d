/** Decides the names that the API, its objects and their children carry: group, version, labels, annotations, owner of fields. */

export const group = 'codesage.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

/** The one field manager of every server-side apply, and the value of `app.kubernetes.io/managed-by`. */
export const fieldManager = 'codesage-operator';

/** Annotations that people set on a CodeSageServer. */
export const annotations = {
  /** `disabled`: the operator touches nothing, as `spec.paused` does. */
  reconcile: `${group}/reconcile`,
  /** Any value not seen before asks for one full reindex. */
  reindex: `${group}/reindex`,
} as const;

/** Annotations that the operator sets on children. */
export const childAnnotations = {
  /** Digest of the manifest that was applied last; another digest means that something is to be applied. */
  applied: `${group}/applied`,
  /** Digest of all that a pod reads when it starts; a change rolls the pods. */
  configHash: `${group}/config-hash`,
} as const;

/** Labels of children. `server` names the CodeSageServer; children are found, and pods selected, by it. */
export const labels = {
  server: `${group}/server`,
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  component: 'app.kubernetes.io/component',
  partOf: 'app.kubernetes.io/part-of',
  managedBy: 'app.kubernetes.io/managed-by',
  version: 'app.kubernetes.io/version',
} as const;

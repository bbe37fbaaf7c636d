/** Decides the labels and the owner that every child carries, and by which labels pods are selected. */
import { fieldManager, labels } from '../../api/group.ts';
import type { CodeSageServer } from '../../api/kinds.ts';
import type { ObjectMeta, OwnerReference } from '../../runtime/resource.ts';

/** Value of `app.kubernetes.io/component`. */
export type Component = 'server' | 'index' | 'config' | 'credentials';

/** Labels that never change in the life of a resource: a Deployment's selector is immutable. */
export function podSelector(server: CodeSageServer): Record<string, string> {
  return { [labels.server]: server.metadata.name, [labels.component]: 'server' };
}

export function childLabels(server: CodeSageServer, component: Component): Record<string, string> {
  return {
    [labels.server]: server.metadata.name,
    [labels.name]: 'codesage-server',
    [labels.instance]: server.metadata.name,
    [labels.component]: component,
    [labels.partOf]: 'codesage',
    [labels.managedBy]: fieldManager,
  };
}

export function ownerReference(server: CodeSageServer): OwnerReference {
  return {
    apiVersion: server.apiVersion,
    kind: server.kind,
    name: server.metadata.name,
    uid: server.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

export type MetadataOptions = {
  name: string;
  component: Component;
  annotations?: Record<string, string> | undefined;
  /** False: the child outlives its resource. Default true. */
  owned?: boolean;
};

/** Metadata of a child. */
export function childMetadata(
  server: CodeSageServer,
  { name, component, annotations, owned = true }: MetadataOptions,
): ObjectMeta & { name: string } {
  return {
    name,
    namespace: server.metadata.namespace,
    labels: childLabels(server, component),
    ...(annotations && Object.keys(annotations).length > 0 && { annotations }),
    ...(owned && { ownerReferences: [ownerReference(server)] }),
  };
}

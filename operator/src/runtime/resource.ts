/** Decides how a kind of resource and an object of it are named to the API server, and what shape objects have on the wire. */

export type OwnerReference = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
};

/** One entry of `metadata.managedFields`: what one manager owns. */
export type ManagedFieldsEntry = {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
  subresource?: string;
};

/** `metadata` as it is in JSON: times are RFC 3339 strings. */
export type ObjectMeta = {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
};

/** Any object of the Kubernetes API, as JSON. */
export type KubernetesObject = { apiVersion?: string; kind?: string; metadata?: ObjectMeta };

/** What a metadata-only list or watch returns: no spec, no data. */
export type PartialObjectMetadata = KubernetesObject;

/** An object that the API server returned: it has a name, an identity and a version. */
export type Live<T extends KubernetesObject = KubernetesObject> = T & {
  metadata: ObjectMeta & { name: string; uid: string; resourceVersion: string };
};

/** A sparse object to be applied: only the fields one has an opinion on. */
export type Manifest<T extends KubernetesObject = KubernetesObject> = T & { metadata: ObjectMeta & { name: string } };

/**
 * The JSON form of a class of `@kubernetes/client-node`, whose times are `Date` objects while the wire has strings.
 * For example `Wire<V1Deployment>`.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

/**
 * Names a kind of resource. The type parameter is the JSON shape of its objects and exists for the compiler only:
 * `const deployments: ResourceType<Wire<V1Deployment>> = { group: 'apps', version: 'v1', … }`.
 */
export type ResourceType<T extends KubernetesObject = KubernetesObject> = {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The lower-case plural in paths, such as `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never present at run time; carries `T`. */
  readonly shape?: T;
};

/** Names one object of a kind. `namespace` is left out for cluster-scoped kinds. */
export type ObjectReference = { namespace?: string | undefined; name: string };

/** `v1` or `apps/v1`. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** The type among `types` that an object's apiVersion and kind name, or undefined. */
export function findResourceType(types: readonly ResourceType[], object: KubernetesObject): ResourceType | undefined {
  return types.find((type) => type.kind === object.kind && apiVersionOf(type) === object.apiVersion);
}

/**
 * The path of a collection, or of one object when `name` is given, or of its subresource.
 *
 * @throws RangeError when a namespaced object is named without its namespace: such a path would be another resource's.
 */
export function resourcePath(
  type: ResourceType,
  place: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined },
): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  if (type.namespaced && place.name !== undefined && place.namespace === undefined) {
    throw new RangeError(`${type.kind} ${place.name} is namespaced: name its namespace`);
  }
  const namespace = type.namespaced && place.namespace !== undefined ? ['namespaces', place.namespace] : [];
  const rest = [...namespace, type.plural, place.name, place.subresource].filter((part) => part !== undefined);
  return `${root}/${rest.map(encodeURIComponent).join('/')}`;
}

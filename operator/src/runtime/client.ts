/** Decides what can be asked of the API server, and in which words: one typed function a verb, for any kind of resource. */
import type { KubernetesObject, Live, Manifest, ObjectReference, ResourceType } from './resource.ts';

export type RequestOptions = {
  /** Gives the request up; it then rejects with code Aborted. */
  signal?: AbortSignal | undefined;
  /** Milliseconds until the answer must be complete. Default 30,000. */
  timeoutMs?: number | undefined;
};

export type ListOptions = RequestOptions & {
  /** All namespaces when left out. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Most items of one answer; the rest is fetched with `continueToken`. */
  limit?: number | undefined;
  continueToken?: string | undefined;
  /** Fetches names, labels, owners and versions only: for kinds whose content must not be held, such as Secrets. */
  metadataOnly?: boolean | undefined;
};

/** One page of a list. `continueToken` is present when there is more. */
export type ListPage<T extends KubernetesObject> = {
  items: Live<T>[];
  resourceVersion: string;
  continueToken?: string | undefined;
};

export type WatchOptions = {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  metadataOnly?: boolean | undefined;
  /** Events after this version. */
  resourceVersion: string;
  /** Seconds after which the server ends the watch by itself. */
  timeoutSeconds: number;
  /** Milliseconds until the server must have accepted the watch. Default 30,000. */
  timeoutMs?: number | undefined;
  signal: AbortSignal;
};

/** One line of a watch. An ERROR line never appears here: it is thrown as an ApiError. */
export type WatchEvent<T extends KubernetesObject = KubernetesObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Live<T> }
  | { type: 'BOOKMARK'; resourceVersion: string };

export type DeleteOptions = RequestOptions & {
  /** Deletes only this very object: a namesake made since then answers Conflict. */
  uid?: string | undefined;
  /** Deletes only this version of it. */
  resourceVersion?: string | undefined;
  propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
};

/** A thin client of the API server. Every method rejects with an `ApiError`. Objects are plain JSON. */
export type Client = {
  /** The field manager under which everything is applied and created. */
  readonly fieldManager: string;
  get<T extends KubernetesObject>(
    type: ResourceType<T>,
    reference: ObjectReference,
    options?: RequestOptions,
  ): Promise<Live<T>>;
  /** Like `get`, but undefined when there is no such object. */
  find<T extends KubernetesObject>(
    type: ResourceType<T>,
    reference: ObjectReference,
    options?: RequestOptions,
  ): Promise<Live<T> | undefined>;
  list<T extends KubernetesObject>(type: ResourceType<T>, options?: ListOptions): Promise<ListPage<T>>;
  /** Opens a watch; the iteration ends when the server ends it and throws an ApiError when it breaks. */
  watch<T extends KubernetesObject>(
    type: ResourceType<T>,
    options: WatchOptions,
  ): Promise<AsyncIterable<WatchEvent<T>>>;
  create<T extends KubernetesObject>(type: ResourceType<T>, manifest: T, options?: RequestOptions): Promise<Live<T>>;
  /** Replaces the object; with `metadata.resourceVersion` set, only that version of it. */
  update<T extends KubernetesObject>(
    type: ResourceType<T>,
    object: Manifest<T>,
    options?: RequestOptions,
  ): Promise<Live<T>>;
  /** Server-side apply with this client's field manager, taking over contested fields. Unknown fields are refused. */
  apply<T extends KubernetesObject>(
    type: ResourceType<T>,
    manifest: Manifest<T>,
    options?: RequestOptions,
  ): Promise<Live<T>>;
  /** Server-side apply of the status subresource. `manifest` holds metadata.name, metadata.namespace and status only. */
  applyStatus<T extends KubernetesObject>(
    type: ResourceType<T>,
    manifest: Manifest<T>,
    options?: RequestOptions,
  ): Promise<Live<T>>;
  /** JSON merge patch (RFC 7396): null removes a field. */
  mergePatch<T extends KubernetesObject>(
    type: ResourceType<T>,
    reference: ObjectReference,
    patch: object,
    options?: RequestOptions & { subresource?: string },
  ): Promise<Live<T>>;
  /** Deletes an object. Resolves also when it is only marked for deletion; rejects with NotFound when it is not there. */
  delete<T extends KubernetesObject>(
    type: ResourceType<T>,
    reference: ObjectReference,
    options?: DeleteOptions,
  ): Promise<void>;
  /** The plural names of a group version that the server offers, or undefined when it has no such group version. */
  discover(groupVersion: string, options?: RequestOptions): Promise<readonly string[] | undefined>;
  /** The server's version, such as `v1.36.3`: the cheapest request that proves that it answers. */
  serverVersion(options?: RequestOptions): Promise<string>;
  /** Closes idle connections and refuses new requests. */
  close(): Promise<void>;
};

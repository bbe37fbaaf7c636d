/** Decides whether a desired object is written, left alone or refused because it is somebody else's. */
import type { Informer } from './cache.ts';
import type { Client } from './client.ts';
import { firstDifference, withHash } from './desired.ts';
import { sameValue } from './equality.ts';
import { apiVersionOf, type KubernetesObject, type Live, type Manifest, type ResourceType } from './resource.ts';

/** `unchanged` also when the server found nothing to change. `refused` wrote nothing: `object` is not ours. */
export type ApplyOutcome = 'unchanged' | 'created' | 'configured' | 'refused';
export type Applied<T extends KubernetesObject> = { outcome: ApplyOutcome; object: Live<T> };

export type ApplyRequest<T extends KubernetesObject> = {
  type: ResourceType<T>;
  manifest: Manifest<T>;
  /** Where the live object is read from, and where the result is noted. */
  cache: Informer<T>;
  /** Whether an existing object may be written. It is asked of what the API server holds, whoever made it. */
  isOurs: (live: Live<T>) => boolean;
  signal?: AbortSignal | undefined;
};

export type StatusRequest<T extends KubernetesObject & { status?: object }> = {
  type: ResourceType<T>;
  /** The object as the cache holds it. */
  live: Live<T>;
  /** The whole status. Its schema must have no defaults, or it would never be the same. */
  status: NonNullable<T['status']>;
  /** Where the result is noted. */
  cache: Informer<T>;
  signal?: AbortSignal | undefined;
};

export type ApplierOptions = {
  client: Client;
  /** Annotation that holds the hash of what was applied, such as `example.com/applied-hash`. */
  hashAnnotation: string;
  /** Told of each write, with the first path that differed. */
  onWrite?: (type: ResourceType, object: Live, outcome: ApplyOutcome, difference: string) => void;
};

export type Applier = {
  /**
   * Makes the object be as the manifest says. Costs no request when the cached object already is.
   *
   * @throws ApiError of the read or the write that failed. Conflict when the object was replaced by a namesake meanwhile.
   */
  apply<T extends KubernetesObject>(request: ApplyRequest<T>): Promise<Applied<T>>;
  /** Writes the status if it differs from that of `live` in any way; returns whether anything changed. */
  applyStatus<T extends KubernetesObject & { status?: object }>(request: StatusRequest<T>): Promise<boolean>;
};

/** Objects whose last apply changed nothing, by UID; a comparison that is too strict then costs one request, not one each time. */
const rememberedNoOps = 10_000;

export function createApplier({ client, hashAnnotation, onWrite }: ApplierOptions): Applier {
  const noOps = new Map<string, string>();

  async function apply<T extends KubernetesObject>(request: ApplyRequest<T>): Promise<Applied<T>> {
    const { type, cache, signal } = request;
    const manifest = withHash({ ...request.manifest, apiVersion: apiVersionOf(type), kind: type.kind }, hashAnnotation);
    const reference = { namespace: manifest.metadata.namespace, name: manifest.metadata.name };
    // A cache that is filtered by label does not see foreign objects, so its word on absence is not enough.
    const live = cache.get(reference) ?? (await client.find(type, reference, { signal }));
    if (live !== undefined && !request.isOurs(live)) return { outcome: 'refused', object: live };

    const difference = live === undefined ? 'absent' : firstDifference(live, manifest, client.fieldManager);
    if (
      live !== undefined &&
      (difference === undefined || noOps.get(live.metadata.uid) === versionOf(live, manifest))
    ) {
      return { outcome: 'unchanged', object: live };
    }
    const object = await client.apply(type, pinned(manifest, live), { signal });
    cache.note(object);
    const outcome = outcomeOf(live, object);
    if (outcome === 'unchanged') remember(noOps, object.metadata.uid, versionOf(object, manifest));
    else onWrite?.(type, object, outcome, difference ?? '');
    return { outcome, object };
  }

  return {
    apply,
    async applyStatus({ type, live, status, cache, signal }) {
      if (sameValue(live.status, status)) return false;
      const { namespace, name, uid } = live.metadata;
      // The UID makes sure that the status of a deleted object never lands on its namesake.
      const manifest = { metadata: { namespace, name, uid }, status } as unknown as Manifest<typeof live>;
      const object = await client.applyStatus(type, manifest, { signal });
      cache.note(object);
      return object.metadata.resourceVersion !== live.metadata.resourceVersion;
    },
  };
}

/** With the UID of the object we decided about, so that a namesake made since then is not written to. */
function pinned<T extends KubernetesObject>(manifest: Manifest<T>, live: Live<T> | undefined): Manifest<T> {
  if (live === undefined) return manifest;
  return { ...manifest, metadata: { ...manifest.metadata, uid: live.metadata.uid } };
}

function outcomeOf(before: Live | undefined, after: Live): ApplyOutcome {
  if (before === undefined) return 'created';
  return before.metadata.resourceVersion === after.metadata.resourceVersion ? 'unchanged' : 'configured';
}

function versionOf(live: Live, manifest: KubernetesObject): string {
  return `${live.metadata.resourceVersion} ${JSON.stringify(manifest.metadata?.annotations)}`;
}

function remember(noOps: Map<string, string>, uid: string, version: string): void {
  noOps.delete(uid);
  noOps.set(uid, version);
  if (noOps.size > rememberedNoOps) noOps.delete(noOps.keys().next().value ?? '');
}

/** Decides how each verb is put into HTTP: paths, parameters, media types and write guards. */
import type { Readable } from 'node:stream';
import { ApiError, hasCode } from './api-error.ts';
import type { Client, ListOptions, ListPage, WatchEvent, WatchOptions } from './client.ts';
import { normalise } from './desired.ts';
import {
  apiVersionOf,
  type KubernetesObject,
  type Live,
  type ObjectReference,
  type ResourceType,
  resourcePath,
} from './resource.ts';
import { nameFailure, type Transport, type TransportRequest } from './transport.ts';
import { parseWatchLine, readLines } from './watch-stream.ts';

export type ClientOptions = {
  transport: Transport;
  fieldManager: string;
  /** Asked before each write; when false, the write rejects with NotLeader. Default: always true. */
  mayWrite?: () => boolean;
};

const metadataOnlyList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const metadataOnlyItem = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

export function createClient({ transport, fieldManager, mayWrite = () => true }: ClientOptions): Client {
  function write<T>(request: TransportRequest): Promise<T> {
    if (!mayWrite()) {
      return Promise.reject(
        new ApiError('NotLeader', `${request.method} ${request.path}: this replica does not hold the lease`),
      );
    }
    return transport.json<T>(request);
  }

  const get: Client['get'] = (type, reference, options) =>
    transport.json({ method: 'GET', path: resourcePath(type, reference), ...options });

  const apply = <T extends KubernetesObject>(
    type: ResourceType<T>,
    manifest: T,
    subresource: string | undefined,
    options: object | undefined,
  ) =>
    write<Live<T>>({
      method: 'PATCH',
      path: resourcePath(type, { ...nameOf(manifest), subresource }),
      query: { fieldManager, force: true, fieldValidation: 'Strict' },
      contentType: 'application/apply-patch+yaml',
      body: typed(type, manifest),
      ...options,
    });

  return {
    fieldManager,
    get,
    async find(type, reference, options) {
      try {
        return await get(type, reference, options);
      } catch (error) {
        if (hasCode(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    list: (type, options = {}) => list(transport, type, options),
    watch: (type, options) => watch(transport, type, options),
    create: (type, manifest, options) =>
      write({
        method: 'POST',
        path: resourcePath(type, { namespace: manifest.metadata?.namespace }),
        query: { fieldManager, fieldValidation: 'Strict' },
        body: typed(type, manifest),
        ...options,
      }),
    update: (type, object, options) =>
      write({
        method: 'PUT',
        path: resourcePath(type, nameOf(object)),
        query: { fieldManager, fieldValidation: 'Strict' },
        body: typed(type, object),
        ...options,
      }),
    apply: (type, manifest, options) => apply(type, manifest, undefined, options),
    applyStatus: (type, manifest, options) => apply(type, manifest, 'status', options),
    mergePatch: (type, reference, patch, { subresource, ...options } = {}) =>
      write({
        method: 'PATCH',
        path: resourcePath(type, { ...reference, subresource }),
        query: { fieldManager, fieldValidation: 'Strict' },
        contentType: 'application/merge-patch+json',
        body: patch,
        ...options,
      }),
    async delete(type, reference, { uid, resourceVersion, propagation = 'Background', ...options } = {}) {
      const preconditions = uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
      await write({
        method: 'DELETE',
        path: resourcePath(type, reference),
        body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: propagation, preconditions },
        ...options,
      });
    },
    async discover(groupVersion, options) {
      const path = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
      try {
        const answer = await transport.json<{ resources?: { name: string }[] }>({ method: 'GET', path, ...options });
        return (answer.resources ?? []).map(({ name }) => name);
      } catch (error) {
        if (hasCode(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    async serverVersion(options) {
      return (await transport.json<{ gitVersion: string }>({ method: 'GET', path: '/version', ...options })).gitVersion;
    },
    close: () => transport.close(),
  };
}

async function list<T extends KubernetesObject>(
  transport: Transport,
  type: ResourceType<T>,
  options: ListOptions,
): Promise<ListPage<T>> {
  const { namespace, labelSelector, fieldSelector, limit, continueToken, metadataOnly, ...rest } = options;
  const answer = await transport.json<{
    metadata?: { resourceVersion?: string; continue?: string };
    items?: Live<T>[];
  }>({
    method: 'GET',
    path: resourcePath(type, { namespace }),
    query: { labelSelector, fieldSelector, limit, continue: continueToken },
    ...(metadataOnly && { accept: metadataOnlyList }),
    ...rest,
  });
  const token = answer.metadata?.continue;
  // Items of a list come without apiVersion and kind, unlike everything else.
  const identity = { apiVersion: apiVersionOf(type), kind: type.kind };
  const items = (answer.items ?? []).map((item) => ({ ...item, ...(!metadataOnly && identity) }));
  return {
    items,
    resourceVersion: answer.metadata?.resourceVersion ?? '',
    ...(token !== undefined && token !== '' && { continueToken: token }),
  };
}

async function watch<T extends KubernetesObject>(
  transport: Transport,
  type: ResourceType<T>,
  options: WatchOptions,
): Promise<AsyncIterable<WatchEvent<T>>> {
  const { namespace, labelSelector, fieldSelector, resourceVersion, timeoutSeconds } = options;
  const path = resourcePath(type, { namespace });
  const stream = await transport.stream({
    method: 'GET',
    path,
    query: { watch: true, allowWatchBookmarks: true, labelSelector, fieldSelector, resourceVersion, timeoutSeconds },
    ...(options.metadataOnly && { accept: metadataOnlyItem }),
    signal: options.signal,
    timeoutMs: options.timeoutMs,
  });
  return readEvents<T>(`WATCH ${path}`, stream, options.signal);
}

async function* readEvents<T extends KubernetesObject>(
  what: string,
  stream: Readable,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  try {
    for await (const line of readLines(stream)) {
      const event = parseWatchLine<T>(what, line);
      if (event !== undefined) yield event;
    }
  } catch (error) {
    throw nameFailure(what, error, undefined, signal);
  } finally {
    stream.destroy();
  }
}

function nameOf(object: KubernetesObject): ObjectReference {
  return { namespace: object.metadata?.namespace, name: object.metadata?.name ?? '' };
}

function typed<T extends KubernetesObject>(type: ResourceType<T>, object: T): T {
  return normalise({ ...object, apiVersion: apiVersionOf(type), kind: type.kind });
}

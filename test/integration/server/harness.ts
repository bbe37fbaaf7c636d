/** Decides how the CodeSageServer controller is run against a real API server: real controllers, a played kubelet, a played server pod. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { pino } from 'pino';
import { parse } from 'yaml';
import type { ApiServer } from '../../../hack/cluster/api-only.ts';
import { generateApiFiles } from '../../../operator/src/api/generate.ts';
import { fieldManager } from '../../../operator/src/api/group.ts';
import type { Condition } from '../../../operator/src/api/server-status.ts';
import { createClient } from '../../../operator/src/runtime/api-client.ts';
import type { Client } from '../../../operator/src/runtime/client.ts';
import { systemClock } from '../../../operator/src/runtime/clock.ts';
import { createConnection } from '../../../operator/src/runtime/connection.ts';
import { createEventRecorder } from '../../../operator/src/runtime/event-recorder.ts';
import { createInformer } from '../../../operator/src/runtime/informer.ts';
import { createMetrics } from '../../../operator/src/runtime/metrics.ts';
import type { KubernetesObject, Live, ResourceType } from '../../../operator/src/runtime/resource.ts';
import { customResourceDefinitions, events, namespaces } from '../../../operator/src/runtime/resources.ts';
import { createTransport } from '../../../operator/src/runtime/transport.ts';
import type { ServiceAccess } from '../../../operator/src/server/access.ts';
import {
  cachesOf,
  codeSageServers,
  createServerCaches,
  type InformerFactory,
  type ServerObject,
} from '../../../operator/src/server/caches.ts';
import { createServerController } from '../../../operator/src/server/controller.ts';
import type { Pace } from '../../../operator/src/server/pace.ts';

const logger = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });

/** A client of the API server. `userAgent` is found again in the audit log. */
export function clientFor(
  server: ApiServer,
  userAgent: string,
  manager = 'test',
  mayWrite = (): boolean => true,
): Client {
  const config = new KubeConfig();
  config.loadFromFile(server.kubeconfig);
  const connection = createConnection(config, systemClock);
  const transport = createTransport({ connection, clock: systemClock, metrics: createMetrics(), userAgent });
  return createClient({ transport, fieldManager: manager, mayWrite });
}

/** Installs the CRDs and waits until they are served. */
export async function installCrds(client: Client): Promise<void> {
  const crds = Object.entries(generateApiFiles()).flatMap(([path, text]) =>
    path.startsWith('crds/') ? [parse(text)] : [],
  );
  for (const crd of crds) await client.apply(customResourceDefinitions, crd);
  for (const crd of crds) {
    await eventually(async () => {
      const live = await client.get(customResourceDefinitions, { name: crd.metadata.name });
      return live.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True');
    });
  }
}

let counter = 0;
/** A namespace of its own for one test. */
export async function newNamespace(client: Client, labels: Record<string, string> = {}): Promise<string> {
  counter += 1;
  const name = `t${counter}`;
  await client.create(namespaces, { metadata: { name, labels } });
  return name;
}

/** Waits until `look` gives something that is neither undefined nor false. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  timeoutMs = 20_000,
): Promise<Exclude<T, undefined | false>> {
  const giveUpAt = performance.now() + timeoutMs;
  let problem: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen as Exclude<T, undefined | false>;
      problem = `still ${String(seen)}`;
    } catch (error) {
      problem = error;
    }
    if (performance.now() > giveUpAt)
      throw new Error(`not within ${timeoutMs} ms: ${problem instanceof Error ? problem.message : String(problem)}`, {
        cause: problem,
      });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export type Operator = { stop(): Promise<void>; reconciles(): Promise<number> };

/** Fast enough for tests, and still apart from each other. */
const testPace: Pace = { starting: 200, failing: 500, indexing: 400, settled: 600 };

/** Runs the controller as a process of its own would: own client, own caches, nothing remembered. */
export async function startOperator(
  server: ApiServer,
  access: ServiceAccess,
  { userAgent = 'codesage-operator/test', mayWrite = (): boolean => true } = {},
): Promise<Operator> {
  const client = clientFor(server, userAgent, fieldManager, mayWrite);
  const metrics = createMetrics();
  const ambience = { client, clock: systemClock, metrics, logger };
  const make: InformerFactory = (type, options) =>
    createInformer({ ...ambience, type, random: Math.random, ...options });
  const caches = createServerCaches(make, { clusterScoped: true });
  const recorder = createEventRecorder({ ...ambience, controller: 'codesage.dev/operator', instance: 'test' });
  const controller = createServerController({
    ...ambience,
    caches,
    events: recorder,
    access,
    settings: { serverImage: 'localhost/codesage-server:0.0.0-test' },
    random: Math.random,
    randomBytes,
    pace: testPace,
  });
  for (const cache of cachesOf(caches)) cache.start();
  controller.start();
  return {
    async reconciles() {
      const { values } = await metrics.reconciles.get();
      return values.reduce((sum, { value }) => sum + value, 0);
    },
    async stop() {
      await controller.stop();
      await recorder.flush(2_000);
      await Promise.all(cachesOf(caches).map((cache) => cache.stop()));
      await client.close();
    },
  };
}

/** One line of the audit log, as far as tests read it. */
export type AuditEntry = { verb: string; requestURI: string; userAgent?: string; responseStatus?: { code?: number } };

/** Writes of one user agent since the log had `from` lines. */
export async function writesSince(
  server: ApiServer,
  from: number,
  userAgent = 'codesage-operator/test',
): Promise<string[]> {
  const lines = await auditLines(server);
  return lines
    .slice(from)
    .map((line) => JSON.parse(line) as AuditEntry)
    .filter((entry) => entry.userAgent === userAgent && !['get', 'list', 'watch'].includes(entry.verb))
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

export async function auditLines(server: ApiServer): Promise<string[]> {
  const text = await readFile(server.auditLog ?? '', 'utf8');
  // The last line may still be being written.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '');
}

/** A CodeSageServer with one git source, changed by `spec`. */
export function serverManifest(
  namespace: string,
  name: string,
  spec: object = {},
  annotations?: Record<string, string>,
) {
  return {
    metadata: { namespace, name, ...(annotations && { annotations }) },
    spec: { sources: [{ name: 'code', git: { url: 'https://git.example.com/code.git' } }], ...spec },
  };
}

/** What a test says and asks about one CodeSageServer. */
export function about(client: Client, namespace: string, name: string) {
  const reference = { namespace, name };
  const get = () => client.get(codeSageServers, reference) as Promise<Live<ServerObject>>;
  async function condition(type: string): Promise<Condition | undefined> {
    return (await get()).status?.conditions?.find((candidate) => candidate.type === type);
  }
  return {
    reference,
    get,
    condition,
    apply: (spec: object = {}, annotations?: Record<string, string>) =>
      client.apply(codeSageServers, serverManifest(namespace, name, spec, annotations) as never),
    patch: (patch: object, subresource?: string) =>
      client.mergePatch(codeSageServers, reference, patch, subresource === undefined ? {} : { subresource }),
    delete: () => client.delete(codeSageServers, reference),
    /** Waits for a condition with this status and, if given, reason. */
    reaches: (type: string, status: string, reason?: string) =>
      eventually(async () => {
        const found = await condition(type);
        if (found?.status === status && (reason === undefined || found.reason === reason)) return found;
        throw new Error(`${type} is ${JSON.stringify(found)}; phase ${(await get()).status?.phase}`);
      }),
    ready: () =>
      eventually(async () => {
        const { status } = await get();
        const ready = status?.conditions?.find(({ type }) => type === 'Ready');
        if (ready?.status === 'True') return status;
        throw new Error(
          `not ready: ${JSON.stringify(status?.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]))}`,
        );
      }),
    /** Events about it, by reason. */
    events: async () => {
      const { items } = await client.list(events, { namespace });
      return items
        .filter(({ regarding }) => regarding?.name === name && regarding.kind === 'CodeSageServer')
        .map(({ type, reason, note }) => ({ type, reason, note }));
    },
  };
}

/** An object that exists, or undefined. */
export async function found<T extends KubernetesObject>(
  client: Client,
  type: ResourceType<T>,
  namespace: string,
  name: string,
): Promise<Live<T> | undefined> {
  return client.find(type, { namespace, name });
}

/** Decides in which order children are written, which wait for others, and what becomes of a refusal. */
import type { CodeSageServer } from '../api/kinds.ts';
import { ApiError, type ApiErrorCode, hasCode } from '../runtime/api-error.ts';
import type { Applied, Applier, ApplyOutcome } from '../runtime/apply.ts';
import type { Informer } from '../runtime/cache.ts';
import type { Client } from '../runtime/client.ts';
import type { Clock } from '../runtime/clock.ts';
import { hashOf } from '../runtime/desired.ts';
import type { KubernetesObject, Live, Manifest, ResourceType } from '../runtime/resource.ts';
import { configMaps, deployments, ingresses, persistentVolumeClaims, secrets, services } from '../runtime/resources.ts';
import type { ServerCaches } from './caches.ts';
import type { ChildRole, DesiredChildren } from './desired/desired.ts';
import type { TokenKeeper } from './internal-token.ts';
import type { ChildOutcome, Outcomes } from './observed.ts';
import { describeOwner, ownershipOf } from './ownership.ts';
import { type RefusalMemory, refusalKey } from './refusals.ts';
import { hasClashingPorts, replacePorts } from './service-repair.ts';

export type ChildWritten = { kind: string; name: string; outcome: Extract<ApplyOutcome, 'created' | 'configured'> };

/** What an apply gave: an outcome a child, what was written, and the first failure that another try may cure. */
export type ApplyReport = { outcomes: Outcomes; written: ChildWritten[]; retry: ApiError | undefined };

export type ApplyOptions = {
  server: CodeSageServer;
  desired: DesiredChildren;
  /** Children that must not be applied now, and why. */
  held: Partial<Record<ChildRole, string>>;
  refusals: RefusalMemory;
  signal: AbortSignal;
};

export type ChildApplierOptions = {
  client: Client;
  applier: Applier;
  caches: ServerCaches;
  tokens: TokenKeeper;
  clock: Clock;
};
export type ChildApplier = (options: ApplyOptions) => Promise<ApplyReport>;

/** The pod mounts these: with somebody else's object in their place it must not start. */
const mounted: readonly ChildRole[] = ['claim', 'token', 'configMap'];

/** Failures that end the reconcile at once: somebody else was faster, or we are not to act. */
const passing: ReadonlySet<ApiErrorCode> = new Set(['Conflict', 'AlreadyExists', 'NotLeader', 'Aborted', 'NotFound']);

export function createChildApplier({ client, applier, caches, tokens, clock }: ChildApplierOptions): ChildApplier {
  const places = {
    claim: { type: persistentVolumeClaims, cache: caches.claims },
    token: { type: secrets, cache: tokens.secrets },
    configMap: { type: configMaps, cache: caches.configMaps },
    service: { type: services, cache: caches.services },
    internalService: { type: services, cache: caches.services },
    deployment: { type: deployments, cache: caches.deployments },
    ingress: { type: ingresses, cache: caches.ingresses },
  } as Record<ChildRole, { type: ResourceType; cache: Informer }>;

  return async ({ server, desired, held, refusals, signal }) => {
    const report: ApplyReport = { outcomes: {} as Outcomes, written: [], retry: undefined };

    async function applyOne(role: ChildRole, manifest: Manifest): Promise<ChildOutcome> {
      const { type, cache } = places[role];
      const { name } = manifest.metadata;
      const live = cache.get({ namespace: manifest.metadata.namespace, name });
      const key = refusalKey(hashOf(manifest), live);
      const remembered = refusals.recall(role, key, clock.elapsed());
      if (remembered !== undefined) return remembered;
      try {
        const { outcome, object } = await applyMended(role, manifest, live);
        if (outcome === 'refused') return strangerOutcome(type.kind, object, server);
        if (outcome !== 'unchanged') report.written.push({ kind: type.kind, name, outcome });
        return { state: 'applied' };
      } catch (error) {
        if (!(error instanceof ApiError) || passing.has(error.code)) throw error;
        const refused: ChildOutcome = {
          state: 'refused',
          kind: type.kind,
          name,
          code: error.code,
          message: serverWords(error),
        };
        // What the API server finds wrong stays wrong until something changes; everything else is tried again with backoff.
        if (hasCode(error, 'Invalid', 'Forbidden')) refusals.remember(role, key, refused, clock.elapsed());
        else report.retry ??= error;
        return refused;
      }
    }

    async function applyMended(
      role: ChildRole,
      manifest: Manifest,
      live: Live | undefined,
    ): Promise<Applied<KubernetesObject>> {
      const isOurs = (object: Live<KubernetesObject>) => ownershipOf(object, server) === 'ours';
      const request = { ...places[role], manifest, isOurs, signal };
      try {
        return await applier.apply(request);
      } catch (error) {
        const isService = role === 'service' || role === 'internalService';
        if (!isService || live === undefined || !hasCode(error, 'Invalid') || !hasClashingPorts(live, manifest))
          throw error;
        await replacePorts(client, live, manifest, signal);
        return applier.apply(request);
      }
    }

    for (const role of Object.keys(desired) as ChildRole[]) {
      const manifest = desired[role];
      const because = held[role] ?? (role === 'deployment' ? blockedBy(report.outcomes) : undefined);
      if (manifest === undefined) report.outcomes[role] = { state: 'unwanted' };
      else if (because !== undefined) report.outcomes[role] = { state: 'held', because };
      else report.outcomes[role] = await applyOne(role, manifest as Manifest);
    }
    return report;
  };
}

/** Why the pod may not be created: something that it mounts is not ours, or not there. */
function blockedBy(outcomes: Outcomes): string | undefined {
  for (const role of mounted) {
    const outcome = outcomes[role];
    // A claim that exists and may not grow is refused, too; the pod runs on it all the same.
    if (
      outcome.state === 'foreign' ||
      outcome.state === 'predecessor' ||
      (outcome.state === 'refused' && role !== 'claim')
    ) {
      return `${outcome.kind} ${outcome.name}, which they mount, is not available`;
    }
  }
  return undefined;
}

function strangerOutcome(kind: string, object: Live<KubernetesObject>, server: CodeSageServer): ChildOutcome {
  const { name } = object.metadata;
  if (ownershipOf(object, server) === 'predecessor') return { state: 'predecessor', kind, name };
  return { state: 'foreign', kind, name, owner: describeOwner(object) };
}

/** The API server's explanation without the request line before it. */
function serverWords(error: ApiError): string {
  return error.message.replace(/^\S+ \S+ answered \d+: /, '').replace(/\.$/, '');
}

/** Decides how a CodeSageServer is brought to what its spec says: observe, desire, apply, ask, report. */
import type { Logger } from 'pino';
import { childAnnotations } from '../api/group.ts';
import type { CodeSageServer } from '../api/kinds.ts';
import type { ServerStatus } from '../api/server-status.ts';
import { hasCode } from '../runtime/api-error.ts';
import { createApplier } from '../runtime/apply.ts';
import type { Client } from '../runtime/client.ts';
import type { Clock, Random } from '../runtime/clock.ts';
import {
  type Controller,
  createController,
  type ReconcileContext,
  type ReconcileResult,
} from '../runtime/controller.ts';
import type { EventRecorder } from '../runtime/events.ts';
import { keyOf } from '../runtime/key.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { KubernetesObject, Live, ObjectReference } from '../runtime/resource.ts';
import type { ServiceAccess } from './access.ts';
import { createAdminClient } from './admin-client.ts';
import { type ApplyReport, createChildApplier } from './apply-children.ts';
import { codeSageServers, type ServerCaches, type ServerObject } from './caches.ts';
import { cannotGrow } from './conditions/storage.ts';
import { buildDesired, type DesiredChildren } from './desired/desired.ts';
import type { OperatorSettings } from './desired/input.ts';
import { about, deeds, transitions } from './happenings.ts';
import { createTokenKeeper } from './internal-token.ts';
import { createInterview } from './interview.ts';
import { createMemories, type ServerMemory } from './memory.ts';
import { createObserver, type Facts, toDesiredInput } from './observe.ts';
import { nextLook, type Pace, standardPace } from './pace.ts';
import { isPaused } from './parse.ts';
import { failedStatus, pausedStatus, unreadableStatus } from './plain-status.ts';
import { createProber } from './prober.ts';
import { createPruner } from './prune.ts';
import { parsedServer } from './references.ts';
import { createSecretReader } from './secret-reader.ts';
import { buildStatus } from './status.ts';
import { serverWatches } from './watches.ts';

export type ServerControllerOptions = {
  client: Client;
  caches: ServerCaches;
  events: EventRecorder;
  /** How the operator's own requests reach a server's Services. */
  access: ServiceAccess;
  settings: OperatorSettings;
  clock: Clock;
  random: Random;
  /** Random bytes for secrets: `crypto.randomBytes`. */
  randomBytes: (size: number) => Buffer;
  metrics: Metrics;
  logger: Logger;
  workers?: number;
  pace?: Pace;
};

/** Makes the controller of CodeSageServers. Start the caches beside it. */
export function createServerController(options: ServerControllerOptions): Controller {
  const { caches, clock, random, metrics, logger, workers = 4 } = options;
  return createController({
    name: 'codesageserver',
    reconcile: createServerReconciler(options),
    watches: serverWatches(caches),
    exists: (key) => caches.servers.get(key) !== undefined,
    clock,
    random,
    metrics,
    logger,
    workers,
  });
}

/** Failures in a row from which the status tells of them: one or two are part of normal life. */
const lastingFailures = 2;

type Reconciler = (key: ObjectReference, context: ReconcileContext) => Promise<ReconcileResult>;

function createServerReconciler(options: ServerControllerOptions): Reconciler {
  const { client, caches, clock, settings, pace = standardPace } = options;
  const applier = createApplier({ client, hashAnnotation: childAnnotations.applied });
  const tokens = createTokenKeeper({ client, metadata: caches.secrets, randomBytes: options.randomBytes });
  const observer = createObserver({ caches, secrets: createSecretReader(client, caches.secrets), tokens, settings });
  const applyChildren = createChildApplier({ client, applier, caches, tokens, clock });
  const prune = createPruner(client, caches);
  const interview = createInterview(createAdminClient(options.access), createProber(options.access));
  const memories = createMemories();

  return async (key, context) => {
    const live = caches.servers.get(key);
    if (live === undefined || live.metadata.deletionTimestamp !== undefined) {
      memories.forget(keyOf(key));
      return {};
    }
    const memory = memories.of(live.metadata.uid, keyOf(key));
    const parsed = parsedServer(live);
    if (!parsed.ok) {
      await report(live, unreadableStatus(live, parsed.problem, new Date(clock.now())), context);
      return {};
    }
    if (isPaused(parsed.server)) {
      await report(live, pausedStatus(parsed.server, new Date(clock.now())), context);
      return {};
    }
    const { applied, status } = await bring(live, parsed.server, memory, context).catch(async (error: unknown) => {
      await tellFailure(live, error, context);
      throw error;
    });
    return conclude(applied, status);
  };

  /** Tells of a failure that lasts and that kept a pass from judging anything. */
  async function tellFailure(live: Live<ServerObject>, error: unknown, context: ReconcileContext): Promise<void> {
    if (context.attempt < lastingFailures || hasCode(error, 'Conflict', 'AlreadyExists', 'NotLeader', 'Aborted'))
      return;
    // What kept the pass from its end may keep the status from being written, too; the first failure is the one to hear of.
    await report(live, failedStatus(live, error, new Date(clock.now())), context).catch(() => {});
  }

  /** One pass over a server that is to be looked after. */
  async function bring(
    live: Live<ServerObject>,
    server: CodeSageServer,
    memory: ServerMemory,
    context: ReconcileContext,
  ): Promise<{ applied: ApplyReport; status: ServerStatus }> {
    const { signal } = context;
    const facts = await observer.facts(server, signal);
    const before = observer.children(server);
    const desired = buildDesired(toDesiredInput(server, facts, before, settings));
    const held = heldBack(server, facts, before);
    const applied = await applyChildren({ server, desired, held, refusals: memory.refusals, signal });
    const removed = await prune(server, wantedObjects(desired, facts), signal);
    record(live, deeds(applied.written, removed));

    const children = observer.children(server);
    const nowMs = clock.elapsed();
    const told = await interview({ server, token: facts.token, ...children, memory, nowMs, signal });
    const observed = { server, ...facts, ...children, outcomes: applied.outcomes, ...told };
    const status = buildStatus(observed, server.status, new Date(clock.now()));
    await report(live, status, context);
    return { applied, status };
  }

  function conclude({ retry }: ApplyReport, status: ServerStatus): ReconcileResult {
    // The status tells of the failure by now; the queue's backoff decides about the next try.
    if (retry !== undefined) throw retry;
    return { requeueAfterMs: nextLook(status, pace, options.random) };
  }

  /** Writes the status if it differs, and tells of what changed with it. */
  async function report(
    live: Live<ServerObject>,
    status: ServerStatus,
    { signal, logger }: ReconcileContext,
  ): Promise<void> {
    const happened = transitions(live.status, status);
    await applier.applyStatus({ type: codeSageServers, live, status, cache: caches.servers, signal });
    record(live, happened);
    for (const { type, reason, note } of happened) {
      logger[type === 'Warning' ? 'warn' : 'info'](
        { kind: live.kind, generation: live.metadata.generation, reason },
        note,
      );
    }
  }

  function record(live: Live<ServerObject>, told: Parameters<typeof about>[1]): void {
    for (const happening of about(live, told)) options.events.record(happening);
  }
}

/** Children that are not written now, and why. */
function heldBack(
  server: CodeSageServer,
  facts: Facts,
  children: { claim: Parameters<typeof cannotGrow>[0]['claim'] },
) {
  return {
    ...(cannotGrow({ server, classes: facts.classes, claim: children.claim }) && {
      claim: 'its StorageClass does not let it grow',
    }),
    ...(facts.conflictingIngress && { ingress: 'another Ingress serves its host and path' }),
  };
}

/** What is to stay. An Ingress that competes with an older one is not. */
function wantedObjects(desired: DesiredChildren, { conflictingIngress }: Facts): KubernetesObject[] {
  const { ingress, ...rest } = desired;
  const kept = conflictingIngress === undefined ? [ingress] : [];
  return [...Object.values(rest), ...kept].filter((object) => object !== undefined);
}

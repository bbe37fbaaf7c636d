/** Decides what a reconcile reads before it acts: children, claims, Secrets, classes and Ingresses, from caches wherever they are. */
import { labels } from '../api/group.ts';
import type { CodeSageServer } from '../api/kinds.ts';
import type { Cache } from '../runtime/cache.ts';
import type { KubernetesObject, Live } from '../runtime/resource.ts';
import type { Deployment, Ingress, PersistentVolumeClaim, Pod, Service } from '../runtime/resources.ts';
import type { ServerCaches } from './caches.ts';
import { imageOf } from './desired/image.ts';
import type { DesiredInput, OperatorSettings } from './desired/input.ts';
import { findConflict } from './ingress-conflict.ts';
import type { TokenKeeper } from './internal-token.ts';
import {
  childNames,
  claimNameOf,
  modelClaimName,
  mountedClaimNames,
  reloadedSecretNames,
  sourceClaimNames,
  startSecretNames,
} from './names.ts';
import type { ClassFacts, SecretFacts } from './observed.ts';
import { ownershipOf } from './ownership.ts';
import type { SecretReader } from './secret-reader.ts';

/** Children as the caches have them. Read again after an apply, which notes its result there. */
export type Children = {
  claim: Live<PersistentVolumeClaim> | undefined;
  deployment: Live<Deployment> | undefined;
  pods: Live<Pod>[];
  service: Live<Service> | undefined;
  ingress: Live<Ingress> | undefined;
};

/** The facts that shape children, and that the conditions need later. */
export type Facts = {
  image: string;
  token: string;
  missingClaims: string[];
  missingModelClaim: string | undefined;
  classes: ClassFacts;
  secrets: Record<string, SecretFacts | undefined>;
  tlsSecretExists: boolean | undefined;
  conflictingIngress: Ingress | undefined;
};

export type Observer = {
  children(server: CodeSageServer): Children;
  /** @throws ApiError when a Secret cannot be read. */
  facts(server: CodeSageServer, signal: AbortSignal): Promise<Facts>;
};

export type ObserverOptions = {
  caches: ServerCaches;
  secrets: SecretReader;
  tokens: TokenKeeper;
  settings: OperatorSettings;
};

/** Objects of a kind that carry the server's label, in its namespace. */
export function labelledWith<T extends KubernetesObject>(cache: Cache<T>, server: CodeSageServer): Live<T>[] {
  return cache
    .labelled(labels.server, server.metadata.name)
    .filter(({ metadata }) => metadata.namespace === server.metadata.namespace);
}

function ours<T extends KubernetesObject>(object: Live<T> | undefined, server: CodeSageServer): Live<T> | undefined {
  return object !== undefined && ownershipOf(object, server) === 'ours' ? object : undefined;
}

export function createObserver({ caches, secrets, tokens, settings }: ObserverOptions): Observer {
  function children(server: CodeSageServer): Children {
    const { namespace, name } = server.metadata;
    const names = childNames(name);
    const claim = caches.claims.get({ namespace, name: claimNameOf(server) });
    const deployment = ours(caches.deployments.get({ namespace, name: names.deployment }), server);
    return {
      claim: server.spec.storage.existingClaim === undefined ? ours(claim, server) : claim,
      deployment,
      pods: labelledWith(caches.pods, server),
      service: ours(caches.services.get({ namespace, name: names.service }), server),
      ingress: ours(caches.ingresses.get({ namespace, name: names.ingress }), server),
    };
  }

  async function readSecrets(server: CodeSageServer, signal: AbortSignal): Promise<Facts['secrets']> {
    const { namespace } = server.metadata;
    const names = [...new Set([...startSecretNames(server), ...reloadedSecretNames(server)])];
    const facts = await Promise.all(names.map((name) => secrets.facts({ namespace, name }, signal)));
    return Object.fromEntries(names.map((name, index) => [name, facts[index]]));
  }

  async function facts(server: CodeSageServer, signal: AbortSignal): Promise<Facts> {
    const { namespace } = server.metadata;
    const { ingress, image } = server.spec;
    const tlsSecret = ingress?.tls?.secretName;
    const modelClaim = modelClaimName(server);
    return {
      image: imageOf(image, settings.serverImage),
      token: await tokens.tokenOf(server, signal),
      missingClaims: sourceClaimNames(server).filter((name) => caches.claims.get({ namespace, name }) === undefined),
      missingModelClaim:
        modelClaim !== undefined && caches.claims.get({ namespace, name: modelClaim }) === undefined
          ? modelClaim
          : undefined,
      classes:
        caches.storageClasses === undefined
          ? { readable: false }
          : { readable: true, classes: caches.storageClasses.list() },
      secrets: await readSecrets(server, signal),
      tlsSecretExists:
        tlsSecret === undefined ? undefined : caches.secrets.get({ namespace, name: tlsSecret }) !== undefined,
      conflictingIngress: findConflict(ingress, children(server).ingress, caches.ingresses.list()),
    };
  }

  return { children, facts };
}

/** What the builders are given. */
export function toDesiredInput(
  server: CodeSageServer,
  facts: Facts,
  { claim }: Children,
  settings: OperatorSettings,
): DesiredInput {
  const missing = new Set([...facts.missingClaims, facts.missingModelClaim]);
  const digests = Object.entries(facts.secrets).flatMap(([name, secret]) =>
    secret === undefined ? [] : [[name, secret.digest]],
  );
  return {
    server,
    settings,
    claim,
    internalToken: facts.token,
    secretDigests: Object.fromEntries(digests),
    presentClaims: new Set(mountedClaimNames(server).filter((name) => !missing.has(name))),
  };
}

/** Decides what a reconcile knows when it judges: the resource, its children, what became of applying them, and what the server told. */
import type { AdminStatus } from '@codesage/server/contract';
import type { CodeSageServer } from '../api/kinds.ts';
import type { Deployment, Ingress, PersistentVolumeClaim, Pod, Service, StorageClass } from '../runtime/resources.ts';
import type { ChildRole } from './desired/desired.ts';

/** What is remembered of a Secret: never its values. */
export type SecretFacts = { digest: string; keys: readonly string[] };

/** What became of a child in this reconcile. */
export type ChildOutcome =
  /** It is as desired. */
  | { state: 'applied' }
  /** It is not wanted. */
  | { state: 'unwanted' }
  /** Its name is taken; `owner` is a clause for people, such as `belongs to Deployment web`. */
  | { state: 'foreign'; kind: string; name: string; owner: string }
  /** A child of a deleted namesake is about to be collected. */
  | { state: 'predecessor'; kind: string; name: string }
  /** The API server refused it. */
  | { state: 'refused'; kind: string; name: string; code: string; message: string }
  /** It was not applied because another condition is to be met first. */
  | { state: 'held'; because: string };

export type Outcomes = Record<ChildRole, ChildOutcome>;

/** What `GET /admin/v1/status` answered. */
export type AdminAnswer =
  | { state: 'answered'; status: AdminStatus }
  | { state: 'failed'; message: string }
  /** No pod runs that could be asked. */
  | { state: 'not-asked' };

/** What the MCP handshake and the search through the Service gave. */
export type Verification =
  | { state: 'answered'; server: string }
  | { state: 'failed'; reason: 'Unreachable' | 'HandshakeFailed' | 'SearchFailed'; message: string }
  | { state: 'not-tried' };

/** What is known about StorageClasses. Without a ClusterRole they cannot be read. */
export type ClassFacts = { readable: false } | { readable: true; classes: readonly StorageClass[] };

export type Observed = {
  server: CodeSageServer;
  /** Image that the pods are to run. */
  image: string;
  claim: PersistentVolumeClaim | undefined;
  /** Claims that sources name and that do not exist. */
  missingClaims: readonly string[];
  /** The claim of the embedding model, when it does not exist. */
  missingModelClaim: string | undefined;
  classes: ClassFacts;
  /** Secrets that the sources name; undefined for one that does not exist or may not be read. */
  secrets: Readonly<Record<string, SecretFacts | undefined>>;
  /** Undefined when the spec names none. */
  tlsSecretExists: boolean | undefined;
  deployment: Deployment | undefined;
  pods: readonly Pod[];
  service: Service | undefined;
  ingress: Ingress | undefined;
  /** An Ingress of someone else with the same host and path, older than ours. */
  conflictingIngress: Ingress | undefined;
  outcomes: Outcomes;
  admin: AdminAnswer;
  verification: Verification;
};

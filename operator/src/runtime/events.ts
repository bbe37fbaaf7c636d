/** Decides what a controller can tell as a Kubernetes Event. */
import type { KubernetesObject, Live } from './resource.ts';

export type EventType = 'Normal' | 'Warning';

/** A happening about `regarding`. Report transitions, not states. */
export type Happening = {
  regarding: Live<KubernetesObject>;
  type: EventType;
  /** UpperCamelCase constant, such as `IndexReady`. */
  reason: string;
  /** What was done or attempted, UpperCamelCase verb, such as `Reconcile`. */
  action: string;
  /** A sentence for people; cut at 1,024 bytes. */
  note: string;
};

export type EventRecorder = {
  /** Returns at once and never throws; what cannot be written is dropped and counted. */
  record(happening: Happening): void;
  /** Waits until all that was recorded is written, at most `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>;
};

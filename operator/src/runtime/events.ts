/** Decides which happenings are told as Kubernetes Events, and when one is a repetition that stays untold. */
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
  /** Returns at once and never throws; a repetition within the window, or a failed write, is dropped and counted. */
  record(happening: Happening): void;
  /** Waits until all that was recorded is written, at most `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>;
};

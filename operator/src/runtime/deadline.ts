/** Decides when something that waits is given up: when its caller says so, or when its time is over. */
import type { Clock } from './clock.ts';

export type Deadline = {
  /** Aborts at the deadline, or with the parent. */
  signal: AbortSignal;
  /** True once the time is over, as opposed to the parent's abort. */
  expired(): boolean;
  /** Begins the time anew. */
  extend(): void;
  /** Must be called when the deadline is no longer needed; it then never fires. */
  release(): void;
};

/** A signal that aborts after `timeoutMs`, or with `parent`. `AbortSignal.any` would pile up listeners on a long-lived parent. */
export function startDeadline(clock: Clock, timeoutMs: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  let isExpired = false;
  const expire = (): void => {
    isExpired = true;
    controller.abort(new Error(`took longer than ${timeoutMs} ms`));
  };
  const follow = (): void => controller.abort(parent?.reason);
  let cancel = clock.after(timeoutMs, expire);
  if (parent?.aborted) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    expired: () => isExpired,
    extend() {
      cancel();
      cancel = clock.after(timeoutMs, expire);
    },
    release() {
      cancel();
      parent?.removeEventListener('abort', follow);
    },
  };
}

/** Decides what is remembered of a CodeSageServer between two reconciles. All of it can be lost: it only saves requests. */
import type { AdminStatus } from '@codesage/server/contract';
import type { AdminAnswer, Verification } from './observed.ts';
import { createRefusalMemory, type RefusalMemory } from './refusals.ts';

export type ServerMemory = {
  uid: string;
  refusals: RefusalMemory;
  /** The last good answer of the admin endpoint, for pods of `key`. */
  admin?: { status: AdminStatus; atMs: number; key: string };
  verification?: { outcome: Verification; atMs: number; key: string; failures: number };
};

export type Memories = { of(uid: string, key: string): ServerMemory; forget(key: string): void };

export function createMemories(): Memories {
  const held = new Map<string, ServerMemory>();
  return {
    of(uid, key) {
      const present = held.get(key);
      if (present?.uid === uid) return present;
      // A new resource of the same name knows nothing of the old one.
      const fresh: ServerMemory = { uid, refusals: createRefusalMemory() };
      held.set(key, fresh);
      return fresh;
    },
    forget: (key) => void held.delete(key),
  };
}

/** One missed answer of a server that answered just now proves nothing. */
const toleratedSilenceMs = 20_000;

/** The answer to judge by: a failure within the tolerated silence is bridged by the last good answer of the same pods. */
export function bridge(memory: ServerMemory, answer: AdminAnswer, key: string, nowMs: number): AdminAnswer {
  if (answer.state === 'answered') {
    memory.admin = { status: answer.status, atMs: nowMs, key };
    return answer;
  }
  const { admin } = memory;
  if (answer.state === 'failed' && admin?.key === key && nowMs - admin.atMs < toleratedSilenceMs) {
    return { state: 'answered', status: admin.status };
  }
  return answer;
}

/** Decides how much one client, and all clients together, may ask of the server at once. */
import { limitsSchema, type ServerConfig } from '../contract.ts';

export type HttpLimits = ServerConfig['limits'];

/** What holds where nothing is configured. */
export const defaultHttpLimits: HttpLimits = limitsSchema.parse({});

/** Counts what is under way, by client. */
export type FairGate = { tryEnter: (client: string) => boolean; leave: (client: string) => void };

/** How many may be inside: all clients together, and one alone. */
export type GateLimits = { places: number; perClient: number };

/**
 * Makes a gate. A client gets a place while it holds fewer than `perClient`, and fewer than are left free: so one client
 * fills at most half of the places, two fill two thirds, and there is always one for who comes next. (Dynamic thresholds
 * for shared buffers: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998.)
 */
export function createFairGate(limits: () => GateLimits): FairGate {
  const held = new Map<string, number>();
  let inside = 0;
  return {
    tryEnter: (client) => {
      const { places, perClient } = limits();
      const own = held.get(client) ?? 0;
      if (own >= perClient || own >= places - inside) return false;
      held.set(client, own + 1);
      inside += 1;
      return true;
    },
    leave: (client) => {
      const own = held.get(client);
      if (own === undefined) return;
      inside -= 1;
      if (own === 1) held.delete(client);
      else held.set(client, own - 1);
    },
  };
}

/** Knows how long requests took of late. */
export type Pace = { add: (seconds: number) => void; retrySeconds: () => number };

/** A moving mean in which each request counts a tenth; it is what who finds no place is told to wait, at least a second. */
export function createPace(mostSeconds: () => number): Pace {
  let mean = 0;
  return {
    add: (seconds) => {
      mean += (seconds - mean) / 10;
    },
    retrySeconds: () => Math.max(1, Math.min(Math.ceil(mean), mostSeconds())),
  };
}

/** Decides how much one caller, and all callers together, may ask of the server at once. */

export type HttpLimits = {
  /** Bytes of one request body. */
  bodyBytes: number;
  /** Nested brackets in one request body. */
  jsonDepth: number;
  /** MCP requests under way at once; more are answered 429. */
  concurrency: number;
  /** MCP requests whose bodies are still arriving; more are answered 429. */
  arrivals: number;
  /** Milliseconds in which a request must have arrived whole. */
  receiveTimeoutMs: number;
};

export const defaultHttpLimits: HttpLimits = {
  bodyBytes: 1024 * 1024,
  jsonDepth: 64,
  concurrency: 128,
  arrivals: 1024,
  receiveTimeoutMs: 30_000,
};

/** Counts what is under way. */
export type Gate = { tryEnter: () => boolean; leave: () => void };

/** Makes a gate for at most `limit` at once. */
export function createGate(limit: number): Gate {
  let inside = 0;
  return {
    tryEnter: () => {
      if (inside >= limit) return false;
      inside += 1;
      return true;
    },
    leave: () => {
      inside -= 1;
    },
  };
}

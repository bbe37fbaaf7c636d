/** Decides which TCP ports of this machine a cluster takes. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which the kernel gives ports to outgoing connections, so that none of those takes one meanwhile. */
const range = { from: 20_000, to: 32_000 };

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Ports that this process was given already; nobody may listen on them yet. */
const given = new Set<number>();

/** A port of 127.0.0.1 that nobody listens on now, chosen at random so that parallel runs rarely choose the same. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(range.from, range.to);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

/** The wanted port where it is free, else another. */
export async function preferredPort(wanted: number): Promise<number> {
  if (given.has(wanted) || !(await isFree(wanted))) return freePort();
  given.add(wanted);
  return wanted;
}

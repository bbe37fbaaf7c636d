/** Decides how TCP crosses the border of the node's network namespace: `in` serves the host, `out` lets pods reach a server of the host. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupOf, hierarchies } from './cgroups.ts';
import { killed, startDetached, startTied, until } from './command.ts';
import { writePid } from './pids.ts';

/** Which way, where it listens and where it connects to (`address:port` each). */
export type Forward = { way: 'in' | 'out'; listen: string; connect: string };

export type ForwardedNode = { name: string; bin: string; state: string; pid: number };

function flags(node: ForwardedNode, forwards: Forward[]): string[] {
  return [
    '-ns',
    `/proc/${node.pid}/ns/net`,
    ...forwards.map(({ way, listen, connect }) => `${way},${listen},${connect}`),
  ];
}

/** The forward prints one line when all its listeners stand, so that nobody dials too early. */
async function listening(log: string, from: number, alive: () => boolean): Promise<void> {
  await until(
    'the forward listens',
    10_000,
    () => {
      const text = readFileSync(log, 'utf8').slice(from);
      if (text.includes('listening')) return true;
      if (!alive()) throw new Error(`The forward ended: ${text.trim()}`);
      return false;
    },
    10,
  );
}

const sizeOf = (file: string) => {
  try {
    return readFileSync(file, 'utf8').length;
  } catch {
    return 0;
  }
};

/** Starts a forward that outlives this process; `name` names its pid file and log. */
export async function startForward(node: ForwardedNode, name: string, forwards: Forward[]): Promise<void> {
  const log = join(node.state, 'logs', `${name}.log`);
  const from = sizeOf(log);
  // In the node's groups, so that it ends with them even when its pid file is lost: it holds the network namespace.
  const enter = 'for g in $GROUPS_OF_NODE; do echo $$ >"$g/cgroup.procs"; done; exec "$@"';
  const groups = (await hierarchies()).map(({ path }) => join(path, groupOf(node.name))).join(' ');
  const pid = startDetached('bash', ['-c', enter, 'forward', join(node.bin, 'nsfwd'), ...flags(node, forwards)], log, {
    env: { ...process.env, GROUPS_OF_NODE: groups },
  });
  writePid(join(node.state, 'host', `${name}.pid`), pid);
  await listening(log, from, () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
}

/** Starts a forward that ends with this process or when stopped. */
export async function startTiedForward(
  node: ForwardedNode,
  name: string,
  forwards: Forward[],
): Promise<() => Promise<void>> {
  const log = join(node.state, 'logs', `${name}.log`);
  const from = sizeOf(log);
  const child = startTied(join(node.bin, 'nsfwd'), flags(node, forwards), log);
  await listening(log, from, () => child.exitCode === null && child.signalCode === null);
  return () => killed(child);
}

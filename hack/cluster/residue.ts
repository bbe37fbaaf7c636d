/** Decides whether anything of a node is left on this machine: processes, mounts, interfaces, cgroups, firewall rules, loop devices. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot, stateOf } from './cache.ts';
import { groupOf, hierarchies } from './cgroups.ts';
import { answers, run } from './command.ts';

/** One kind of thing that a node makes, and what of it is left. */
export type Residue = { kind: string; left: string[] };

const lines = (text: string | undefined, keep: (line: string) => boolean) =>
  (text ?? '').split('\n').filter((line) => line !== '' && keep(line));

/** Looks for everything that a node of this name makes. All lists are empty after a clean end. */
export async function findResidue(name: string): Promise<Residue[]> {
  const state = stateOf(name);
  const ofNode = (line: string) => line.includes(`${state}/`) || line.includes(`${state} `);
  const own = String(process.pid);
  const processes = await run('ps', ['-eo', 'pid=,args=']);
  const groups = (await hierarchies()).map(({ path }) => join(path, groupOf(name)));
  return [
    { kind: 'process', left: lines(processes, (line) => ofNode(line) && line.trim().split(' ')[0] !== own) },
    { kind: 'mount', left: lines(await readFile('/proc/mounts', 'utf8'), (line) => line.includes(`${cacheRoot()}/`)) },
    {
      kind: 'interface',
      left: lines(await answers('ip', ['-o', 'link']), (line) => /: (node0|cni0|veth[0-9a-f]{8})[@:]/.test(line)),
    },
    { kind: 'cgroup', left: groups.filter((folder) => existsSync(folder)) },
    { kind: 'firewall rule', left: await firewallRules() },
    {
      kind: 'loop device',
      left: lines(await answers('losetup', ['--list', '--noheadings', '--output', 'NAME,BACK-FILE']), ofNode),
    },
  ];
}

/** Tables and chains that Kubernetes' programs make; on a machine that is a node itself they belong to that. */
async function firewallRules(): Promise<string[]> {
  const tables = lines(await answers('nft', ['list', 'tables']), (line) => /kube-proxy|\bKUBE-|cni/i.test(line));
  const chains = lines(await answers('iptables-save', []), (line) => /^:(KUBE-|CNI-)/.test(line));
  return [...tables, ...chains];
}

/** One line a kind, for people. */
export function renderResidue(all: Residue[]): string {
  return all
    .map(({ kind, left }) =>
      left.length === 0 ? `✓ no ${kind} left` : `✗ ${left.length} ${kind} left:\n    ${left.join('\n    ')}`,
    )
    .join('\n');
}

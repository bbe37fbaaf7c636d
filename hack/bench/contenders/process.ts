/** Decides how a contender is run: alone in a process, watched for time and memory, never longer than its limit. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * What a contender printed last, the most memory it held (until it said that it had indexed, and in all), and the
 * processor's time that indexing took, which other load on the machine lengthens less than the clock's.
 */
export type Outcome<T> = { result: T; indexingRssMb: number; indexingCpuSeconds: number; peakRssMb: number };

type Use = { rssMb: number; cpuSeconds: number };

export type ContenderOptions = {
  env?: Readonly<Record<string, string>>;
  /** Written to standard input as JSON. */
  input?: unknown;
  /** Seconds after which it is ended. */
  limitSeconds?: number;
};

/**
 * Runs a program that prints JSON lines: `{"phase": "indexed"}` when its index is complete, its result as the last one.
 * Its standard error is passed on when it fails.
 * @throws Error when it fails, takes too long or prints no result
 */
export async function runContender<T>(
  command: string,
  args: readonly string[],
  { env = {}, input, limitSeconds = 1800 }: ContenderOptions = {},
): Promise<Outcome<T>> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const errors: string[] = [];
  child.stderr.on('data', (text: Buffer) => errors.push(text.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input === undefined ? '' : JSON.stringify(input));
  let peakRssMb = 0;
  const look = (): Use => {
    const use = useOfTree(child.pid);
    peakRssMb = Math.max(peakRssMb, use.rssMb);
    return { ...use, rssMb: peakRssMb };
  };
  const sampler = setInterval(look, 50);
  let indexing: Use = { rssMb: Number.NaN, cpuSeconds: Number.NaN };
  const limit = setTimeout(() => child.kill('SIGKILL'), limitSeconds * 1000);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  exited.catch(() => undefined);
  let last = '';
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === '{"phase": "indexed"}') indexing = look();
      else if (line !== '') last = line;
    }
    const code = await exited;
    if (code !== 0 || last === '')
      throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${errors.join('').slice(-4000)}`);
  } finally {
    clearInterval(sampler);
    clearTimeout(limit);
    child.kill('SIGKILL');
  }
  const { rssMb, cpuSeconds } = indexing;
  return { result: JSON.parse(last) as T, indexingRssMb: rssMb, indexingCpuSeconds: cpuSeconds, peakRssMb };
}

/** What a process and all below it take now. Pages that they share count more than once. */
function useOfTree(root: number | undefined): Use {
  if (root === undefined) return { rssMb: 0, cpuSeconds: 0 };
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (Number.isInteger(pid)) parents.set(pid, parentOf(pid));
  }
  const tree = new Set([root]);
  for (let before = 0; before !== tree.size; ) {
    before = tree.size;
    for (const [pid, parent] of parents) if (tree.has(parent)) tree.add(pid);
  }
  const use = { rssMb: 0, cpuSeconds: 0 };
  for (const pid of tree) {
    use.rssMb += Number(/^VmRSS:\s+(\d+) kB/m.exec(procFile(pid, 'status'))?.[1] ?? 0) / 1024;
    use.cpuSeconds += cpuSecondsOf(pid);
  }
  return use;
}

/** Of the process itself, and of its children that have ended. Linux counts in hundredths for programs. */
function cpuSecondsOf(pid: number): number {
  const [user, system, childUser, childSystem] = statOf(pid).slice(11, 15).map(Number);
  return ((user ?? 0) + (system ?? 0) + (childUser ?? 0) + (childSystem ?? 0)) / 100;
}

const parentOf = (pid: number) => Number(statOf(pid)[1] ?? 0);

/** Fields of /proc/PID/stat from the state on; the name before it may hold spaces and brackets. */
function statOf(pid: number): string[] {
  return procFile(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
}

/** A process may end at any moment. */
function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** Decides whether the process that a pid file names is still the one that was started: pids are given anew, also after a reboot. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './command.ts';

/** What tells this process from a later one of the same number, or undefined when there is none. */
function identity(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything; the state is third, the start time 22nd.
    const rest = fields.slice(fields.lastIndexOf(')') + 2).split(' ');
    if (rest[0] === 'Z' || rest[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${rest[19]}`;
  } catch {
    return undefined;
  }
}

export function writePid(file: string, pid: number): void {
  writeFileSync(file, `${pid} ${identity(pid) ?? ''}\n`);
}

/** The pid in the file, when that very process still runs. */
export function livePid(file: string): number | undefined {
  try {
    const [pid, known] = readFileSync(file, 'utf8').trim().split(' ');
    return known !== undefined && identity(Number(pid)) === known ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Kills the process of the file, if it still runs, waits until it is gone, and removes the file. */
export async function killPid(file: string): Promise<void> {
  const pid = livePid(file);
  if (pid !== undefined) {
    process.kill(pid, 'SIGKILL');
    await until(`process ${pid} is gone`, 15_000, () => livePid(file) === undefined, 20);
  }
  rmSync(file, { force: true });
}

/** Kills everything that runs on this machine for the cluster of this state folder: the processes of `host/*.pid`. */
export async function killHelpers(state: string): Promise<void> {
  let files: string[] = [];
  try {
    files = readdirSync(join(state, 'host')).filter((file) => file.endsWith('.pid'));
  } catch {
    // No such folder: nothing was started.
  }
  for (const file of files) await killPid(join(state, 'host', file));
}

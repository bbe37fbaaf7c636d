/** Decides how a benchmark watches a server that is a process of its own: the system tells its time and its memory. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const startsWithinMs = 60_000;
const endsWithinMs = 30_000;
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** A port that nothing listened on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port was free');
  return address.port;
}

export class ServedProcess {
  readonly #child: ChildProcess;
  readonly url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Starts Node with these arguments and waits until something answers on the port. */
  static async start(args: readonly string[], port: number, env: Readonly<Record<string, string>> = {}) {
    // What it logs goes to the null device: it is written, and nobody has to read it.
    const child = spawn(process.execPath, [...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const served = new ServedProcess(child, `http://127.0.0.1:${port}`);
    const until = Date.now() + startsWithinMs;
    while (child.exitCode === null && Date.now() < until) {
      if (
        await fetch(served.url).then(
          () => true,
          () => false,
        )
      )
        return served;
      await sleep(50);
    }
    child.kill('SIGKILL');
    throw new Error(`${args.join(' ')} did not answer on port ${port}`);
  }

  /** Seconds of processor time that all of its threads used so far. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }

  /** Resident memory in MiB. */
  rssMb(): number {
    const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'));
    return Number(match?.[1]) / 1024;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const cut = setTimeout(() => this.#child.kill('SIGKILL'), endsWithinMs);
    await ended;
    clearTimeout(cut);
  }
}

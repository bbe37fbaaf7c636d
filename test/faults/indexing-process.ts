/** Decides how `codesage index` is run as a process of its own, and killed. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../server/bin/codesage.js', import.meta.url));

export type Ending = { killed: boolean; code: number | null; milliseconds: number; output: string };

/** Runs it to its end, or kills it, as the kernel would, after some milliseconds. */
export function runIndexing(root: string, dataDir: string, flags: string[], killAfter?: number): Promise<Ending> {
  const args = [program, 'index', '--data', dataDir, '--source', `shop=${root}`, ...flags];
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ killed: signal === 'SIGKILL', code, milliseconds: performance.now() - startedAt, output });
    });
  });
}

/**
 * Decides whether a pod of 2 GiB serves a million chunks: made from real code, indexed and searched by the real server
 * under that limit. It runs for many minutes. Usage: hack/bench/million [--chunks N] [--check].
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createGroups, groupOf, hierarchies, removeGroups } from '../cluster/cgroups.ts';
import { ask, MeasuredServer, percentiles } from './measured-server.ts';
import { makeTree } from './million-tree.ts';
import { questionsFrom } from './questions.ts';
import { type Figures, printReport } from './report.ts';

const limitMB = 2048;
/** Source bytes of a chunk, comments and all, with some to spare: 1,140 were measured. */
const bytesPerChunk = 1150;
const rounds = { warm: 50, one: 300, eight: 400 };

const say = (text: string) => process.stderr.write(`… ${text}\n`);

/** Puts a process under a hard memory limit, where this machine lets us. Returns whether it did. */
async function limitMemory(pid: number, group: string): Promise<boolean> {
  const all = (await hierarchies()).filter(({ version, options }) => version === 2 || options.includes('memory'));
  const folders = await createGroups(group, all).catch(() => []);
  for (const folder of folders) {
    for (const file of ['memory.max', 'memory.limit_in_bytes']) {
      try {
        await writeFile(join(folder, file), String(limitMB * 2 ** 20), { flag: 'r+' });
        await writeFile(join(folder, 'cgroup.procs'), String(pid));
        return true;
      } catch {
        // Not the memory controller, or not ours to set.
      }
    }
  }
  return false;
}

async function measure(tree: string, dataDir: string, group: string): Promise<Figures> {
  const questions = questionsFrom(tree, rounds.warm + rounds.one + rounds.eight);
  const start = async () => {
    const server = await MeasuredServer.start(tree, dataDir, { MAX_MEMORY_MB: String(limitMB) });
    const limited = await limitMemory(server.pid, group);
    say(limited ? `the server may take ${limitMB} MiB` : 'no hard limit on this machine: peak memory tells');
    return server;
  };
  const first = await start();
  say('first index');
  const startedAt = performance.now();
  const chunks = await first.ready();
  const seconds = (performance.now() - startedAt) / 1000;
  const indexed = await first.read();
  await first.stop();
  say('start again');
  const openedAt = performance.now();
  const server = await start();
  await server.ready();
  const opened = (performance.now() - openedAt) / 1000;
  await ask(server, questions.splice(0, rounds.warm), 1);
  say('one caller');
  const one = await ask(server, questions.splice(0, rounds.one), 1);
  say('eight callers');
  const eight = await ask(server, questions, 8);
  const searched = await server.read();
  await server.stop();
  return {
    'million.chunks': chunks,
    'million.index_seconds': seconds,
    'million.index_peak_rss_mb': indexed.peakRssMb ?? Number.NaN,
    'million.index_loop_p99_ms': indexed.p99Ms ?? Number.NaN,
    'million.restart_seconds': opened,
    'million.search_peak_rss_mb': searched.peakRssMb ?? Number.NaN,
    ...percentiles('million.one', one),
    ...percentiles('million.eight', eight),
  };
}

const { values } = parseArgs({
  options: { chunks: { type: 'string', default: '1000000' }, check: { type: 'boolean' } },
});
const folder = await mkdtemp(join(tmpdir(), 'codesage-million-'));
const group = groupOf(`million-${process.pid}`);
try {
  const tree = join(folder, 'tree');
  say(`${await makeTree(tree, Number(values.chunks) * bytesPerChunk)} files of code`);
  printReport('million', await measure(tree, join(folder, 'data'), group));
} finally {
  await rm(folder, { recursive: true, force: true });
  await removeGroups(group).catch(() => undefined);
}

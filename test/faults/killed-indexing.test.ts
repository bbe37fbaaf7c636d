import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { serverConfigSchema } from '../../server/src/contract.ts';
import { createEngine } from '../../server/src/index/engine.ts';
import { rowsOfIndex } from './index-rows.ts';
import { runIndexing } from './indexing-process.ts';
import { MovingTree, seeded } from './moving-tree.ts';

/** `hack/test faults` asks for the long form; a whole test run takes the short one. */
const kills = Number(process.env.CODESAGE_FAULTS_KILLS ?? 6);
const seed = Number(process.env.CODESAGE_FAULTS_SEED ?? 4);
/** A process needs so much of an undisturbed run's time before it touches the index. */
const startShare = 0.25;

const log = pino({ level: 'silent' });

const directories: string[] = [];
function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'codesage-faults-'));
  directories.push(path);
  return path;
}
afterEach(() => {
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** Versions of the tree that a search finds in what is published; undefined when nothing is. */
async function publishedVersions(root: string, dataDir: string): Promise<Set<string> | undefined> {
  const config = serverConfigSchema.parse({ sources: [{ name: 'shop', path: root }] });
  const engine = createEngine({ config, dataDir, log, clock: Date.now, background: false });
  try {
    await engine.start();
    const [codebase] = (await engine.status()).codebases;
    expect(codebase?.problem, 'it opens').toBeUndefined();
    if (codebase?.state === 'Pending') return undefined;
    const request = { query: 'witness of the version of the tree', codebases: [], topK: 40, languages: ['go'] };
    const { hits } = await engine.semanticSearch(request);
    const witnesses = hits.filter(({ path }) => path.includes('witness'));
    expect(witnesses.length, 'a search answers').toBeGreaterThan(10);
    return new Set(witnesses.map(({ text }) => /treeversion\d+/.exec(text)?.[0] ?? text));
  } finally {
    await engine.stop();
  }
}

test(`[index.crash-safe] ${kills} kills at random moments of indexing: each restart serves one whole published version, and the end is that of an undisturbed run`, async () => {
  const random = seeded(seed);
  const tree = new MovingTree(directory(), random);
  const dataDir = directory();
  const undisturbed = await runIndexing(tree.root, directory(), []);
  expect(undisturbed, undisturbed.output).toMatchObject({ code: 0, killed: false });
  // Changes cost less than the first run: kills must come early enough to meet them.
  let expected = undisturbed.milliseconds;
  let last: string | undefined;
  for (let killed = 0, tries = 0; killed < kills; tries++) {
    expect(tries, 'enough runs are slow enough to be killed').toBeLessThan(kills * 4);
    if (last !== undefined && random() < 0.7) tree.move();
    const full = last !== undefined && random() < 0.2;
    const moment = expected * (startShare + random() * (1 - startShare));
    const run = await runIndexing(tree.root, dataDir, full ? ['--full'] : [], moment);
    if (run.killed) killed++;
    else expect(run, run.output).toMatchObject({ code: 0 });
    const versions = await publishedVersions(tree.root, dataDir);
    if (versions === undefined) {
      expect(last, `nothing is lost by kill ${killed}`).toBeUndefined();
      continue;
    }
    expect([...versions], `one whole version after kill ${killed}`).toHaveLength(1);
    const [served] = versions;
    const newest = `treeversion${tree.version}`;
    expect(served === last || served === newest, `${served} is the last published version or the newest`).toBe(true);
    if (!run.killed) expect(served).toBe(newest);
    // The first publication is over: from here on runs are short.
    if (last === undefined) expected *= 0.7;
    last = served;
  }
  const end = await runIndexing(tree.root, dataDir, []);
  expect(end, end.output).toMatchObject({ code: 0, killed: false });
  const fresh = directory();
  expect(await runIndexing(tree.root, fresh, [])).toMatchObject({ code: 0 });
  expect(await rowsOfIndex(dataDir)).toEqual(await rowsOfIndex(fresh));
});

/** Decides whether the history of a git source follows its settings and its remote, as the engine serves it. */
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Engine } from '../../../server/src/engine.ts';
import { Cleanups, makeEngine, settled } from '../engine/harness.ts';
import { subjects, TestRepository } from './support.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

async function served(dataDir: string, url: string, git: object = {}): Promise<Engine> {
  const { engine } = makeEngine(cleanups, dataDir, { sources: [{ name: 'shop', git: { url, ...git } }] });
  await engine.start();
  expect(await settled(engine)).toMatchObject({ state: 'Ready' });
  return engine;
}

const list = (engine: Engine) => engine.history.commits({ codebase: 'shop', followRenames: true, limit: 50 });

test('[tools.history-place] depth 0 brings all of the history and its tags to a checkout that was shallow', async () => {
  const remote = new TestRepository(cleanups.directory());
  remote.commit('One', { 'a.txt': 'a\n' });
  remote.git('tag', 'v1');
  remote.commit('Two', { 'a.txt': 'b\n' });
  remote.git('tag', '-a', '-m', 'Two', 'v2');
  remote.commit('Three', { 'a.txt': 'c\n' });
  remote.git('checkout', '--quiet', '-b', 'other');
  remote.commit('Other', { 'a.txt': 'd\n' });
  remote.git('tag', 'elsewhere');
  remote.git('checkout', '--quiet', 'main');
  const dataDir = cleanups.directory();

  const shallow = await served(dataDir, remote.root);
  expect(await list(shallow)).toMatchObject({ isShallow: true, notice: expect.stringContaining('depth: 0') });
  expect(subjects(await list(shallow))).toEqual(['Three']);
  await shallow.stop();

  const deeper = await served(dataDir, remote.root, { depth: 2 });
  expect(subjects(await list(deeper))).toEqual(['Three', 'Two']);
  await deeper.stop();

  const whole = await served(dataDir, remote.root, { depth: 0 });
  expect(await list(whole)).toMatchObject({ isShallow: false });
  expect(subjects(await list(whole))).toEqual(['Three', 'Two', 'One']);
  const between = await whole.history.commits({
    codebase: 'shop',
    ref: 'v2',
    excludeRef: 'v1',
    followRenames: true,
    limit: 5,
  });
  expect(subjects(between)).toEqual(['Two']);
  for (const ref of ['elsewhere', 'other', remote.git('rev-parse', 'other')])
    await expect(whole.history.commits({ codebase: 'shop', ref, followRenames: true, limit: 5 })).rejects.toMatchObject(
      { code: 'GitRefNotFound' },
    );

  remote.commit('Four', { 'a.txt': 'e\n' });
  await whole.indexCodebase('shop', { full: false });
  expect(subjects(await list(whole))).toEqual(['Four', 'Three', 'Two', 'One']);
  remote.git('reset', '--quiet', '--hard', 'v2');
  remote.commit('Instead', { 'a.txt': 'f\n' });
  await whole.indexCodebase('shop', { full: false });
  expect(subjects(await list(whole))).toEqual(['Instead', 'Two', 'One']);
}, 120_000);

test('[tools.history-bounds] questions during syncs that rewrite history are answered from one state or the other', async () => {
  const remote = new TestRepository(cleanups.directory());
  const first = remote.commit('One', { 'a.txt': 'a\n' });
  remote.commit('Two', { 'a.txt': 'b\n' });
  const engine = await served(cleanups.directory(), remote.root, { depth: 0 });
  for (let round = 0; round < 4; round++) {
    remote.git('reset', '--quiet', '--hard', first);
    remote.commit(`Round ${round}`, { 'a.txt': `${round}\n` });
    const sync = engine.indexCodebase('shop', { full: false });
    const answers = await Promise.all(Array.from({ length: 6 }, () => list(engine)));
    for (const answer of answers) expect(subjects(answer).at(-1)).toBe('One');
    await sync;
    expect(subjects(await list(engine))[0]).toBe(`Round ${round}`);
  }
}, 120_000);

test('[tools.history-place] a directory source without a repository answers, though it is indexed', async () => {
  const { engine } = makeEngine(cleanups, cleanups.directory(), {
    sources: [{ name: 'shop', path: cleanups.directory() }],
  });
  await engine.start();
  await settled(engine);
  await expect(list(engine)).rejects.toMatchObject({ code: 'NoHistory' });
  await expect(
    engine.history.commits({ codebase: join('shop', 'x'), followRenames: true, limit: 1 }),
  ).rejects.toMatchObject({ code: 'UnknownCodebase' });
});

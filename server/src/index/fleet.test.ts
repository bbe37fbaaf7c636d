/** Decides whether codebases come and go while questions are asked. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { SourceConfig } from '../contract.ts';
import { sourceSchema } from '../contract.ts';
import { CodebaseDirectory } from './codebases.ts';
import { Fleet, type Member } from './fleet.ts';

const source = (name: string, exclude: string[] = []): SourceConfig =>
  sourceSchema.parse({ name, path: `/${name}`, exclude });

function assemble(...names: string[]) {
  const events: string[] = [];
  const gates = new Map<string, Promise<void>>();
  const make = (config: SourceConfig): Member & { config: SourceConfig } => ({
    name: config.name,
    config,
    source: { root: config.path ?? '' },
    store: { snapshot: undefined, failure: undefined, isNamedIn: () => false },
    phase: 'open',
    opened: Promise.resolve(),
    status: () => ({ name: config.name, state: 'Pending', files: 0, chunks: 0, skipped: {} }),
    readFailed: () => {
      throw new Error('nothing is read here');
    },
    open: async () => {
      await gates.get(config.name);
      events.push(`open ${config.name}`);
    },
    refuse: () => void events.push(`refuse ${config.name}`),
    stop: async () => {
      await gates.get(config.name);
      events.push(`stop ${config.name}`);
    },
  });
  const codebases = new CodebaseDirectory(names.map((name) => make(source(name))));
  const fleet = new Fleet(codebases, {
    make,
    change: (codebase, config) => {
      codebase.config = config;
    },
    follow: ({ name }) => void events.push(`follow ${name}`),
    removed: async (name) => void events.push(`removed ${name}`),
    log: pino({ level: 'silent' }),
  });
  const all = () => codebases.all.map(({ name }) => name);
  return { events, gates, codebases, fleet, all, take: () => events.splice(0) };
}

test('[server.reload] a new codebase is open before anybody hears of it; one that is gone is closed, then deleted', async () => {
  const { fleet, gates, all, take } = assemble('a', 'b');
  await fleet.open();
  fleet.follow();
  expect(take()).toEqual(['open a', 'open b', 'follow a', 'follow b']);
  const gate = Promise.withResolvers<void>();
  gates.set('c', gate.promise);
  const changing = fleet.change([source('b'), source('c')]);
  await Promise.resolve();
  expect(all()).toEqual(['a', 'b']);
  gate.resolve();
  await changing;
  expect(all()).toEqual(['b', 'c']);
  await fleet.stop();
  const order = ['open c', 'follow c', 'refuse a', 'stop a', 'removed a'];
  const done = take();
  expect(order.map((event) => done.indexOf(event))).toEqual(
    order.map((event) => done.indexOf(event)).toSorted((x, y) => x - y),
  );
  expect(done).toEqual(expect.arrayContaining([...order, 'refuse b', 'stop b', 'refuse c', 'stop c']));
});

test('[server.reload] a changed source is looked at now, an unchanged one is left alone', async () => {
  const { fleet, codebases, take } = assemble('a', 'b');
  await fleet.open();
  fleet.follow();
  take();
  await fleet.change([source('a', ['dist/**']), source('b')]);
  expect(take()).toEqual(['follow a']);
  expect(codebases.get('a').config.exclude).toEqual(['dist/**']);
  fleet.lookNow();
  expect(take()).toEqual(['follow a', 'follow b']);
});

test('[server.reload] a codebase that comes back waits until it is gone', async () => {
  const { fleet, gates, events } = assemble('a', 'b');
  await fleet.open();
  // Its last run takes its time to end.
  const gate = Promise.withResolvers<void>();
  gates.set('a', gate.promise);
  await fleet.change([source('b')]);
  const back = fleet.change([source('a'), source('b')]);
  await new Promise(setImmediate);
  expect(events).toEqual(['open a', 'open b', 'refuse a']);
  gate.resolve();
  await back;
  expect(events.filter((event) => / a$/.test(event))).toEqual(['open a', 'refuse a', 'stop a', 'removed a', 'open a']);
});

test('[server.reload] before the start only the list changes', async () => {
  const { fleet, all, take } = assemble('a');
  await fleet.change([source('a'), source('b')]);
  expect([all(), take()]).toEqual([['a', 'b'], []]);
  await fleet.open();
  expect(take()).toEqual(['open a', 'open b']);
});

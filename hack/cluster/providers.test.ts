import { expect, test } from 'vitest';
import { chooseProvider, type Surroundings } from './choice.ts';
import { clusterName } from './providers.ts';

const nothing: Surroundings = { context: undefined, wanted: undefined, docker: false, linux: true, root: true };

test.each<[string, Partial<Surroundings>, object]>([
  ['a named context wins over everything', { context: 'mine', docker: true, wanted: 'node' }, { provider: 'context' }],
  ['Docker comes before a node of our own', { docker: true }, { provider: 'docker' }],
  ['without Docker, root on Linux gets a node', {}, { provider: 'node' }],
  ['a wish is followed', { docker: true, wanted: 'node' }, { provider: 'node' }],
  ['without root it says what to do', { root: false }, { problem: expect.stringContaining('needs root') }],
  ['elsewhere than on Linux it says what to do', { linux: false }, { problem: expect.stringContaining('needs Linux') }],
  ['an unknown wish is refused', { wanted: 'kind' }, { problem: expect.stringContaining('not kind') }],
])('[cluster.providers] %s', (_, around, expected) => {
  expect(chooseProvider({ ...nothing, ...around })).toEqual(expected);
});

test('a cluster is named by the argument and may hold only what a host name may', () => {
  expect(clusterName('codesage-e2e')).toBe('codesage-e2e');
  expect(() => clusterName('../etc')).toThrow('lower-case');
});

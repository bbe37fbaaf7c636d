import { expect, test } from 'vitest';
import { estimate } from '../estimate.ts';
import { buildServer, changedConditions, isReady, isRolledOut } from './server.ts';
import { codebaseName, isRemote } from './source.ts';
import { renderResults } from './summary.ts';

test.each([
  ['https://host/team/My_Code.git', 'my-code'],
  ['git@host:team/code.git', 'code'],
  ['/home/me/project/', 'project'],
  ['https://host/x.git?a=b', 'x'],
  ['/', 'code'],
])('the codebase of %s is called %s', (source, name) => {
  expect(codebaseName(source)).toBe(name);
});

test.each([
  ['https://host/a.git', true],
  ['git@host:a.git', true],
  ['./a', false],
  ['/a/b:c', false],
])('%s is remote: %s', (source, remote) => {
  expect(isRemote(source)).toBe(remote);
});

test('only conditions that are new or changed are shown', () => {
  const shown = new Map<string, string>();
  const ready = { type: 'Ready', status: 'False', reason: 'NotReady', message: 'wait' };
  expect(changedConditions({ conditions: [ready] }, shown)).toEqual(['  Ready=False (NotReady): wait']);
  expect(changedConditions({ conditions: [ready] }, shown)).toEqual([]);
  expect(changedConditions({ conditions: [{ ...ready, status: 'True' }] }, shown)).toHaveLength(1);
});

test('a Ready of an older generation of the spec does not count', () => {
  const conditions = [{ type: 'Ready', status: 'True' }];
  expect(isReady({ conditions, observedGeneration: 1 }, 2)).toBe(false);
  expect(isReady({ conditions, observedGeneration: 2 }, 2)).toBe(true);
});

test('the resource names the source and the ingress', () => {
  expect(buildServer({ name: 'a', url: 'http://h/a.git' }, 'nginx')).toMatchObject({
    spec: { sources: [{ name: 'a', git: { url: 'http://h/a.git' } }], ingress: { className: 'nginx', tls: {} } },
  });
});

const everything = { packages: true, binaries: true, base: true, operator: true, server: true, node: true };

test('[cluster.up] from nothing it announces less than 25 minutes, and with all there less than one', () => {
  const nothing = { packages: false, binaries: false, base: false, operator: false, server: false, node: false };
  expect(estimate(nothing).seconds).toBeLessThan(25 * 60);
  expect(estimate(nothing).parts).toHaveLength(6);
  expect(estimate(everything)).toEqual({ seconds: 25, parts: [] });
});

test('a result is shown with its place, its score and its beginning', () => {
  const result = { file_path: 'a/b.ts', start_line: 1, end_line: 9, score: 0.5, text: 'one\ntwo\nthree\nfour' };
  expect(renderResults([result])).toBe('  0.50  a/b.ts:1-9\n        one\n        two\n        three');
});

test('a Deployment counts only when no pod of an older image is left', () => {
  const spec = { template: { spec: { containers: [{ image: 'new' }] } } };
  const status = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, readyReplicas: 1 };
  expect(isRolledOut({ metadata: { generation: 2 }, spec, status }, 'new')).toBe(true);
  expect(isRolledOut({ metadata: { generation: 2 }, spec, status }, 'newer')).toBe(false);
  expect(isRolledOut({ metadata: { generation: 3 }, spec, status }, 'new')).toBe(false);
  expect(isRolledOut({ metadata: { generation: 2 }, spec, status: { ...status, replicas: 2 } }, 'new')).toBe(false);
});

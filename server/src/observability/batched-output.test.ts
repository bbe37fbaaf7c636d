import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { batched } from './batched-output.ts';

const info = (text: string) => `{"level":"info","message":"${text}"}\n`;
const warn = (text: string) => `{"level":"warn","message":"${text}"}\n`;

test('calm lines of one turn are written together, in order', async () => {
  const written: string[] = [];
  const output = batched({ write: (text) => written.push(text) });
  output.write(info('a'));
  output.write('INFO: b\n');
  expect(written).toEqual([]);
  await turn();
  expect(written).toEqual([`${info('a')}INFO: b\n`]);
});

test('a line that tells of something wrong is written at once, after what waits', async () => {
  const written: string[] = [];
  const output = batched({ write: (text) => written.push(text) });
  output.write(info('a'));
  output.write(warn('b'));
  expect(written).toEqual([info('a') + warn('b')]);
  await turn();
  expect(written).toHaveLength(1);
});

test('what waits is written when asked for', () => {
  const written: string[] = [];
  const output = batched({ write: (text) => written.push(text) });
  output.write(info('a'));
  output.flush();
  output.flush();
  expect(written).toEqual([info('a')]);
});

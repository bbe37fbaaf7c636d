import { expect, test } from 'vitest';
import { ApiError } from './api-error.ts';
import { createLogger } from './logger.ts';

function lines(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const out: Record<string, unknown>[] = [];
  write(createLogger('info', { write: (line: string) => out.push(JSON.parse(line)) }));
  return out;
}

test('a line has a level in words, a time in ISO form, and nothing below the level asked for', () => {
  const [line, ...more] = lines((logger) => {
    logger.debug('hidden');
    logger.info({ kind: 'Thing', name: 'a' }, 'shown');
  });
  expect(more).toEqual([]);
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    kind: 'Thing',
    name: 'a',
    message: 'shown',
  });
});

test('a failure of the API is told by code and remedy; another by its stack; something that is no error by its text', () => {
  const told = lines((logger) => {
    logger.error({ err: new ApiError('Conflict', 'moved on', { cause: new Error('inner') }) }, 'x');
    logger.error({ err: new TypeError('bug') }, 'x');
    logger.error({ err: 'text' }, 'x');
  }).map(({ err }) => err);
  expect(told).toEqual([
    { code: 'Conflict', message: 'moved on', remedy: 'Read the object again and retry.' },
    { name: 'TypeError', message: 'bug', stack: expect.stringContaining('TypeError: bug') },
    { message: 'text' },
  ]);
});

test('secrets are not written, also one level down', () => {
  const [line] = lines((logger) =>
    logger.info(
      { token: 's3cret', secret: { data: { a: 's3cret' } }, request: { headers: { authorization: 's3cret' } } },
      'x',
    ),
  );
  expect(JSON.stringify(line)).not.toContain('s3cret');
});

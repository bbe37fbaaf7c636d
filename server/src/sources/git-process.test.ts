/** Decides whether a git that takes too long, takes too much or is not wanted any more is ended with all that it started. */
import { expect, test } from 'vitest';
import { startGit } from './git-process.ts';

const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
/** A git whose helper would stay for a minute. */
const lasting = ['-c', 'alias.wait=!echo begun; sleep 60', 'wait'];

test.each([
  { by: 'time', options: { timeoutSeconds: 0.3 } },
  { by: 'memory', options: { timeoutSeconds: 30, maxMemoryBytes: 1 } },
  { by: 'abort', options: { timeoutSeconds: 30, signal: AbortSignal.timeout(300) } },
])(
  '[tools.history-bounds] it is ended by $by',
  async ({ by, options }) => {
    const git = startGit(lasting, env, options);
    git.stdout.resume();
    // The helper holds the output open: this settles early only if it is gone as well.
    expect(await git.ended).toMatchObject({ code: null, stoppedBy: by });
  },
  20_000,
);

test('[tools.history-bounds] it is ended by who has read enough', async () => {
  const git = startGit(lasting, env, { timeoutSeconds: 30 });
  for await (const chunk of git.stdout as AsyncIterable<Buffer>) {
    expect(chunk.toString()).toBe('begun\n');
    break;
  }
  git.stop();
  expect(await git.ended).toMatchObject({ stoppedBy: 'asked' });
}, 20_000);

test('what it prints, reads and says is had, and a program that is not there is told', async () => {
  const git = startGit(['hash-object', '--stdin'], env, { timeoutSeconds: 30, input: 'x\n' });
  const chunks: Buffer[] = [];
  for await (const chunk of git.stdout as AsyncIterable<Buffer>) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString().trim()).toBe('587be6b4c3f93f93c489c0111bba5596147a26cb');
  expect(await git.ended).toEqual({ code: 0, stderr: '' });
  const wrong = startGit(['--no-such-option'], env, { timeoutSeconds: 30 });
  wrong.stdout.resume();
  expect(await wrong.ended).toMatchObject({ code: 129, stderr: expect.stringContaining('no-such-option') });
  await expect(startGit(['version'], { PATH: '/nonexistent' }, { timeoutSeconds: 5 }).ended).rejects.toMatchObject({
    code: 'GitFailed',
  });
});

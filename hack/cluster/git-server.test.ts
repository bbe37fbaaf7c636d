import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './command.ts';
import { type GitServer, isAllowed, parseHead, startGitServer } from './git-server.ts';

let folder: string;
let server: GitServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codesage-git-'));
  const git = (...args: string[]) => run('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]);
  await git('init', '--quiet', '--initial-branch=main', 'code');
  await writeFile(join(folder, 'code', 'a.txt'), 'hello');
  await git('-C', 'code', 'add', '.');
  await git('-C', 'code', 'commit', '--quiet', '--message=first');
  server = await startGitServer({ root: folder, credentials: { username: 'reader', password: 'p w' } });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const clone = (url: string) =>
  run('git', ['clone', '--quiet', '--depth=1', url, join(folder, `clone-${Math.floor(performance.now())}`)], {
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
  });

test('a real git client clones with the right password', async () => {
  await clone(`http://reader:p%20w@127.0.0.1:${server.port}/code/.git`);
  expect(server.requests()).toBeGreaterThan(1);
});

test('a real git client is refused with a wrong password, and for a repository that is not there', async () => {
  await expect(clone(`http://reader:wrong@127.0.0.1:${server.port}/code/.git`)).rejects.toThrow(
    'Authentication failed',
  );
  await expect(clone(`http://reader:p%20w@127.0.0.1:${server.port}/other/.git`)).rejects.toThrow('not found');
});

test('the lines before a CGI answer are its status and headers', () => {
  expect(parseHead('Status: 404 Not Found\r\nContent-Type: text/plain')).toEqual({
    status: 404,
    headers: { 'content-type': 'text/plain' },
  });
  expect(parseHead('Expires: 0')).toEqual({ status: 200, headers: { expires: '0' } });
});

test('without credentials anyone may come', () => {
  expect(isAllowed(undefined, undefined)).toBe(true);
  expect(isAllowed(undefined, { username: 'a', password: 'b' })).toBe(false);
});

/** Decides whether `codesage cache` asks the server with its token, and tells what came of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assembleApps } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { parseAge } from './cache-command.ts';
import { runCli } from './program.ts';

let directory: string;
let tokenFile: string;
let url: string;
let close: () => void;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'codesage-cli-'));
  tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, 'secret\n');
  const engine = createStubEngine();
  Object.assign(engine.caches.search, { hits: 30, misses: 270, evictions: 90, size: 100 });
  const { internal } = assembleApps({ engine, token: 'secret' });
  url = await new Promise((resolve) => {
    const server = serve({ fetch: internal.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
    close = () => void server.close();
  });
});
afterEach(() => {
  close();
  rmSync(directory, { recursive: true, force: true });
});

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCli(['cache', ...args], {
    createEngine: () => createStubEngine(),
    env: { CODESAGE_INTERNAL_TOKEN_FILE: tokenFile },
    cwd: '/',
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    version: '1.2.3',
  });
  return { code, out: out.join(''), err: err.join('') };
}

describe('codesage cache', () => {
  test('[cache.maintenance] stats prints a line a cache, and advice', async () => {
    const { code, out } = await run('stats', '--url', url);
    expect(code).toBe(0);
    expect(out).toMatch(/^CACHE +ENTRIES +HIT RATE/);
    expect(out).toMatch(/^search +100\/100 +10 % +30 +270 +90 +0$/m);
    expect(out).toMatch(/Raise SEARCH_CACHE_SIZE/);
    const json = JSON.parse((await run('stats', '--json', '--url', url)).out);
    expect(json.caches.search.size).toBe(100);
  });

  test('[runbook-4.1-cache-clear] clear empties all caches or those named', async () => {
    expect((await run('clear', '--cache', 'file', '--url', url)).out).toMatch(/ 0 of the search cache/);
    expect(await run('clear', '--url', url)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/100 of the search/),
    });
  });

  test('[runbook-5.1-maintenance] prune takes an age', async () => {
    expect((await run('prune', '--older-than', '7d', '--url', url)).out).toMatch(/1 of the search cache/);
    expect(await run('prune', '--older-than', 'long', '--url', url)).toMatchObject({ code: 2 });
  });

  test.each([
    ['an unknown cache', ['clear', '--cache', 'disk'], /There is no cache "disk"/],
    ['no token', ['stats', '--token-file', '/none'], /no internal token in \/none.*--token-file/],
  ])('%s is told', async (_, args, reason) => {
    const { code, err } = await run(...args, '--url', url);
    expect(code).not.toBe(0);
    expect(err).toMatch(reason);
  });

  test('a server that is not there is told', async () => {
    expect((await run('stats', '--url', 'http://127.0.0.1:9')).err).toMatch(/No server answers at .*codesage serve/);
  });
});

test.each([
  ['90s', 90],
  ['30m', 1800],
  ['12h', 43_200],
  ['7d', 604_800],
  ['1h30m', 5400],
])('%s is %i seconds', (text, seconds) => {
  expect(parseAge(text)).toBe(seconds);
});

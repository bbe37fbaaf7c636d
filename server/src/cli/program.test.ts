/** Decides whether the command line finds its commands, explains faults, and ends with the promised exit codes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { exitCodes } from './exit-codes.ts';
import { runCli } from './program.ts';

const cacheHome = mkdtempSync(join(tmpdir(), 'codesage-cli-'));
afterAll(() => rmSync(cacheHome, { recursive: true, force: true }));

async function run(
  args: string[],
  { engine = createStubEngine(), env = {} }: { engine?: Engine; env?: Record<string, string> } = {},
) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(args, {
    createEngine: () => engine,
    env: { XDG_CACHE_HOME: cacheHome, ...env },
    cwd: '/code/shop',
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    version: '1.2.3',
  });
  return { code, out: out.join(''), err: err.join('') };
}

/** An internal port that answers every path the same. */
async function withServer<T>(answer: unknown, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_request, response) => response.end(JSON.stringify(answer)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

test.each([['serve'], ['index'], ['search'], ['health'], ['bench'], ['version']])(
  'codesage %s --help says what it does',
  async (command) => {
    const { code, out } = await run([command, '--help']);
    expect(code).toBe(exitCodes.ok);
    expect(out).toMatch(new RegExp(`Usage: codesage ${command}`));
  },
);

test('version', async () => {
  expect(await run(['version'])).toMatchObject({ code: 0, out: '1.2.3\n' });
  expect(await run(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' });
});

test.each([
  [['nope'], {}, /unknown command/],
  [['serve', '--nope'], {}, /unknown option/],
  [['serve'], {}, /ConfigInvalid.*--source PATH/],
  [['serve', '--source', '.', '--port', 'x'], {}, /--port is "x"/],
  [['serve', '--source', '.'], { MAX_MEMORY_MB: 'lots' }, /MAX_MEMORY_MB is "lots"/],
  [['search', 'x', '--source', '.', '--top', '0'], {}, /--top is 0/],
  [['bench', '--requests', '0'], {}, /--requests is 0/],
  [['bench', '--concurrency', '65'], {}, /--concurrency is 65/],
  [['bench', '--duration', 'long'], {}, /--duration is long/],
])('%j with %j is a usage error', async (args, env, expected) => {
  const { code, err } = await run(args, { env });
  expect(code).toBe(exitCodes.usage);
  expect(err).toMatch(expected);
});

describe('index', () => {
  test('says what changed, as text and as JSON', async () => {
    const text = await run(['index', '--source', 'shop=/code/shop']);
    expect(text).toMatchObject({
      code: 0,
      out: 'shop: Indexed 3 files in 0.1 seconds (0 added, 0 changed, 0 removed; 0 of 3 chunks embedded)\n',
    });
    const json = await run(['index', '--source', 'shop=/code/shop', '--json']);
    expect(JSON.parse(json.out)).toMatchObject([{ codebase: 'shop', files: 3 }]);
  });
});

describe('search', () => {
  test('prints passages of the given sources, and fails when there are none', async () => {
    const found = await run(['search', 'cart', '--source', 'shop=/code/shop']);
    expect(found).toMatchObject({
      code: 0,
      out: expect.stringContaining('shop/src/cart.ts:1-1  score 1.000\n    export const cart'),
    });
    expect((await run(['search', 'zebra', '--source', 'shop=/code/shop'])).code).toBe(exitCodes.failed);
  });

  test('[embedding.absent] tells on stderr why full text alone ranked, and leaves the passages alone', async () => {
    const engine = createStubEngine();
    const search = engine.semanticSearch;
    engine.semanticSearch = async (request) => ({ ...(await search(request)), ranking: 'bm25', notice: 'No model.' });
    const local = await run(['search', 'cart', '--source', 'shop=/code/shop', '--json'], { engine });
    expect(local).toMatchObject({ code: 0, err: 'No model.\n' });
    const result = { structuredContent: { results: [], ranking: 'bm25', message: 'No model.' } };
    const remote = await withServer({ jsonrpc: '2.0', id: 1, result }, (url) => run(['search', 'x', '--url', url]));
    expect(remote.err).toBe('No model.\nNothing was found.\n');
  });

  test('asks a running server when told its URL', async () => {
    const result = {
      structuredContent: { results: [{ file_path: 'shop/a.ts', start_line: 1, end_line: 2, score: 0.5, text: 'x' }] },
    };
    const { out } = await withServer({ jsonrpc: '2.0', id: 1, result }, (url) =>
      run(['search', 'x', '--url', url, '--json']),
    );
    expect(JSON.parse(out)).toMatchObject([{ file_path: 'shop/a.ts' }]);
  });
});

describe('health', () => {
  const checks = [
    { component: 'http', status: 'ok', message: 'a' },
    { component: 'index', status: 'failed', message: 'b' },
    { component: 'memory', status: 'warning', message: 'c' },
  ];

  test('one line a check; exit 1 only when one has failed', async () => {
    const all = await withServer({ checks }, (url) => run(['health', '--url', url]));
    expect(all).toMatchObject({ code: 1, out: 'OK      http    a\nFAILED  index   b\nWARNING memory  c\n' });
    const some = await withServer({ checks }, (url) => run(['health', '--http', '--memory', '--json', '--url', url]));
    expect(some.code).toBe(0);
    expect(JSON.parse(some.out)).toMatchObject({
      status: 'ok',
      checks: [{ component: 'http' }, { component: 'memory' }],
    });
  });

  test('no server at all is a failed check, not a crash', async () => {
    const { code, out } = await run(['health', '--url', 'http://127.0.0.1:9']);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAILED {2}server {2}No server answers/);
  });
});

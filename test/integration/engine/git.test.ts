import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createAuthority } from '../../../hack/cluster/pki.ts';
import type { SourceConfig } from '../../../server/src/contract.ts';
import { serveGit } from './git-server.ts';
import { Cleanups, commit, createRepository, eventually, git, makeEngine, paths, settled } from './harness.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.run());

const files = { 'src/payment.ts': 'export function retryPayment() {}\n', 'README.md': '# Weather\n\nRain tomorrow.\n' };
type GitInput = Partial<NonNullable<SourceConfig['git']>> & { url: string };

function gitEngine(input: GitInput, dataDir = cleanups.directory()) {
  const { engine, logs } = makeEngine(cleanups, dataDir, { sources: [{ name: 'shop', git: input }] });
  return { engine, logs, dataDir, checkout: join(dataDir, 'sources', 'shop') };
}

/** A directory of served repositories with one of them, `shop`. */
function servedRepository() {
  const root = cleanups.directory();
  const repository = join(root, 'shop');
  mkdirSync(repository);
  const head = createRepository(repository, files);
  return { root, repository, head };
}

describe('a git source', () => {
  test('[index.git-sync] is cloned, told with its revision, and followed', async () => {
    const { repository, head } = servedRepository();
    const { engine, checkout } = gitEngine({ url: repository });
    await engine.start();
    expect(await settled(engine)).toMatchObject({ state: 'Ready', revision: head, files: 2 });
    git(repository, 'mv', 'src/payment.ts', 'src/billing.ts');
    const next = commit(repository, {});
    expect(await engine.indexCodebase('shop', { full: false })).toMatchObject({
      revision: next,
      filesAdded: 1,
      filesRemoved: 1,
    });
    expect(await paths(engine, 'retryPayment')).toContain('src/billing.ts');
    expect(existsSync(join(checkout, 'src/payment.ts'))).toBe(false);
  });

  test('[index.git-sync] is looked at again at its interval', async () => {
    const { repository } = servedRepository();
    const { engine } = gitEngine({ url: repository, intervalSeconds: 5 });
    await engine.start();
    await settled(engine);
    const next = commit(repository, { 'NEWS.md': 'Sunshine\n' });
    await eventually('the new revision', async () =>
      (await engine.status()).codebases[0]?.revision === next ? true : undefined,
    );
    expect(await paths(engine, 'Sunshine')).toContain('NEWS.md');
  });

  test('an unchanged revision costs neither a scan nor an embedding, also after a restart', async () => {
    const { repository } = servedRepository();
    const first = gitEngine({ url: repository });
    await first.engine.start();
    await settled(first.engine);
    await first.engine.stop();
    const second = gitEngine({ url: repository }, first.dataDir);
    await second.engine.start();
    const phases: string[] = [];
    await second.engine.indexCodebase('shop', { full: false, onProgress: ({ phase }) => void phases.push(phase) });
    expect(phases).toEqual(['syncing', 'done']);
    expect((await second.engine.status()).embeddedChunks).toBe(0);
  });

  test.each([
    { kind: 'a branch', ref: () => 'feature' },
    { kind: 'a lightweight tag', ref: () => 'v1' },
    { kind: 'an annotated tag', ref: () => 'v1-annotated' },
    { kind: 'a full commit', ref: (commitId: string) => commitId },
    { kind: 'a short commit', ref: (commitId: string) => commitId.slice(0, 9) },
  ])('[index.git-sync] stays on $kind', async ({ ref }) => {
    const { repository, head } = servedRepository();
    git(repository, 'branch', 'feature');
    git(repository, 'tag', 'v1');
    git(repository, 'tag', '-a', 'v1-annotated', '-m', 'one');
    commit(repository, { 'LATER.md': 'later\n' });
    const { engine } = gitEngine({ url: repository, ref: ref(head) });
    await engine.start();
    expect(await settled(engine)).toMatchObject({ state: 'Ready', revision: head, files: 2 });
  });

  test('a history that was rewritten is followed', async () => {
    const { repository } = servedRepository();
    const { engine } = gitEngine({ url: repository });
    await engine.start();
    await settled(engine);
    git(repository, 'checkout', '--quiet', '--orphan', 'fresh');
    git(repository, 'rm', '-rq', '--cached', '.');
    rmSync(join(repository, 'src'), { recursive: true });
    const head = commit(repository, { 'only.txt': 'all is new\n' });
    git(repository, 'branch', '-M', 'fresh', 'main');
    expect(await engine.indexCodebase('shop', { full: false })).toMatchObject({ revision: head });
    expect(await paths(engine, 'new')).not.toContain('src/payment.ts');
  });

  test('submodules are indexed when wanted', async () => {
    const { root, repository } = servedRepository();
    const library = join(root, 'library');
    mkdirSync(library);
    createRepository(library, { 'lib.ts': 'export function libraryFunction() {}\n' });
    git(repository, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'vendor/library');
    commit(repository, {});
    for (const [submodules, found] of [
      [false, false],
      [true, true],
    ] as const) {
      const { engine } = gitEngine({ url: repository, submodules });
      await engine.start();
      expect(await settled(engine)).toMatchObject({ state: 'Ready' });
      expect((await paths(engine, 'libraryFunction')).includes('vendor/library/lib.ts')).toBe(found);
    }
  });

  test('[index.crash-safe] a checkout that was cut short is made whole by the next sync', async () => {
    const { repository, head } = servedRepository();
    const { engine, checkout, dataDir } = gitEngine({ url: repository });
    await engine.start();
    await settled(engine);
    await engine.stop();
    // What a killed git leaves: locks, a half-written tree, no mark of completion.
    writeFileSync(join(checkout, '.git', 'index.lock'), '');
    writeFileSync(join(checkout, '.git', 'index'), 'garbage');
    rmSync(join(checkout, 'src'), { recursive: true });
    rmSync(join(checkout, '.git', 'codesage-complete'));
    mkdirSync(join(dataDir, 'sources', '.shop.new'));
    const again = gitEngine({ url: repository }, dataDir);
    await again.engine.start();
    expect(await again.engine.indexCodebase('shop', { full: false })).toMatchObject({ revision: head, files: 2 });
    expect(readFileSync(join(checkout, 'src/payment.ts'), 'utf8')).toBe(files['src/payment.ts']);
    expect(readdirSync(join(dataDir, 'sources'))).toEqual(['shop']);
  });
});

/** A Secret's directory. */
function credentialsDirectory(contents: Record<string, string>): string {
  const directory = cleanups.directory();
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(directory, name), text);
  return directory;
}

describe('a git source that needs credentials', () => {
  const credentials = { username: 'robot', password: 's3cret-token/with+signs' };

  test('[index.git-sync] reads them from files at the time of use, and a wrong one is told apart', async () => {
    const { root, head } = servedRepository();
    const server = await serveGit(cleanups, { root, credentials });
    const directory = credentialsDirectory({ username: 'robot', password: 'wrong' });
    const { engine } = gitEngine({ url: `${server.url}/shop/.git`, credentialsDirectory: directory });
    await engine.start();
    const failed = await settled(engine);
    expect(failed).toMatchObject({ state: 'Failed', problem: { code: 'GitAuthenticationFailed' } });
    expect(failed.problem?.message).toMatch(/Check the Secret/);
    writeFileSync(join(directory, 'password'), credentials.password);
    expect(await engine.indexCodebase('shop', { full: false })).toMatchObject({ revision: head, files: 2 });
  });

  test.each([
    { where: 'in files', url: (port: number) => `http://localhost:${port}/shop/.git`, withFiles: true },
    {
      where: 'in the URL',
      url: (port: number) => `http://robot:${encodeURIComponent(credentials.password)}@localhost:${port}/shop/.git`,
      withFiles: false,
    },
  ])(
    '[server.log-secrecy] a secret $where is in no log, no problem, no status and no file',
    async ({ url, withFiles }) => {
      const { root } = servedRepository();
      const server = await serveGit(cleanups, { root, credentials });
      const directory = withFiles ? credentialsDirectory(credentials) : undefined;
      const { engine, logs, dataDir } = gitEngine({
        url: url(server.port),
        ...(directory && { credentialsDirectory: directory }),
      });
      await engine.start();
      expect(await settled(engine)).toMatchObject({ state: 'Ready' });
      rmSync(join(root, 'shop'), { recursive: true });
      await expect(engine.indexCodebase('shop', { full: false })).rejects.toMatchObject({
        code: expect.stringMatching(/^Git/),
      });
      const secrets = [credentials.password, encodeURIComponent(credentials.password)];
      const told = JSON.stringify([logs, await engine.status()]);
      for (const secret of secrets) expect(told).not.toContain(secret);
      const written = readdirSync(dataDir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
      for (const secret of secrets) expect(written.some((text) => text.includes(secret))).toBe(false);
    },
  );

  test('a password goes to no other host that the first one sends git to', async () => {
    const { root } = servedRepository();
    const thief = await serveGit(cleanups, { root, credentials: { username: 'x', password: 'y' } });
    const { createServer } = await import('node:http');
    const redirecting = createServer((request, response) =>
      response.writeHead(302, { location: `${thief.url}${request.url}` }).end(),
    );
    await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve));
    cleanups.add(() => new Promise((resolve) => redirecting.close(resolve)));
    const { port } = redirecting.address() as { port: number };
    const { engine } = gitEngine({
      url: `http://localhost:${port}/shop/.git`,
      credentialsDirectory: credentialsDirectory(credentials),
    });
    await engine.start();
    expect((await settled(engine)).state).toBe('Failed');
    expect(thief.requests.length).toBeGreaterThan(0);
    expect(thief.authorizations).toEqual([]);
  });

  test('[index.git-sync] a certificate authority of its own is trusted for this source only', async () => {
    const { root, head } = servedRepository();
    const authority = await createAuthority('test');
    const { certificate: cert, key } = await authority.issue({ commonName: 'localhost', names: ['localhost'] });
    const server = await serveGit(cleanups, { root, tls: { cert, key } });
    const url = `${server.url}/shop/.git`;
    const untrusting = gitEngine({ url });
    await untrusting.engine.start();
    expect((await settled(untrusting.engine)).problem).toMatchObject({ code: 'GitUnreachable' });
    const caFile = join(cleanups.directory(), 'ca.crt');
    writeFileSync(caFile, authority.certificate);
    const trusting = gitEngine({ url, caFile });
    await trusting.engine.start();
    expect(await settled(trusting.engine)).toMatchObject({ state: 'Ready', revision: head });
  });

  test('ssh without known hosts is refused before anything is sent', async () => {
    const { engine } = gitEngine({
      url: 'git@localhost:shop.git',
      credentialsDirectory: credentialsDirectory({ 'ssh-privatekey': 'x' }),
    });
    await engine.start();
    const { problem } = await settled(engine);
    expect(problem).toMatchObject({ code: 'GitAuthenticationFailed' });
    expect(problem?.message).toMatch(/known_hosts/);
  });
});

describe('a git source that cannot be had', () => {
  test.each([
    {
      what: 'a host that does not exist',
      code: 'GitUnreachable',
      url: () => 'https://nowhere.invalid/shop.git',
      remedy: /git\.url.*DNS/s,
    },
    {
      what: 'a port where nobody listens',
      code: 'GitUnreachable',
      url: () => 'http://127.0.0.1:9/shop.git',
      remedy: /can be reached/,
    },
    {
      what: 'a repository that does not exist',
      code: 'GitUnreachable',
      url: () => join(cleanups.directory(), 'missing'),
      remedy: /git\.url/,
    },
    {
      what: 'a ref that does not exist',
      code: 'GitRefNotFound',
      url: () => servedRepository().repository,
      ref: 'no-such',
      remedy: /git\.ref/,
    },
    {
      what: 'a commit that does not exist',
      code: 'GitRefNotFound',
      url: () => servedRepository().repository,
      ref: '0123456789'.repeat(4),
      remedy: /git\.ref/,
    },
    {
      what: 'a URL that runs a program',
      code: 'GitFailed',
      url: () => 'ext::sh -c touch% /tmp/x',
      remedy: /https:\/\//,
    },
  ])('[index.git-faults] ($what) is told as $code with what to do', async ({ code, url, ref, remedy }) => {
    const { engine } = gitEngine({ url: url(), ...(ref === undefined ? {} : { ref }) });
    await engine.start();
    const status = await settled(engine);
    expect(status).toMatchObject({ state: 'Failed', problem: { code } });
    expect(status.problem?.message).toMatch(remedy);
    expect(engine.isServing()).toBe(true);
  });

  test('[index.git-faults] later on leaves the published index serving', async () => {
    const { repository } = servedRepository();
    const { engine } = gitEngine({ url: repository });
    await engine.start();
    await settled(engine);
    rmSync(repository, { recursive: true });
    await expect(engine.indexCodebase('shop', { full: false })).rejects.toMatchObject({ code: 'GitUnreachable' });
    expect((await engine.status()).codebases[0]).toMatchObject({
      state: 'Failed',
      files: 2,
      problem: { code: 'GitUnreachable' },
    });
    expect((await paths(engine, 'retryPayment'))[0]).toBe('src/payment.ts');
  });
});

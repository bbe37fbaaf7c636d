/** Decides whether settings merge in the promised order and whether a wrong one is told with its name. */
import { describe, expect, test } from 'vitest';
import { loadSettings, parseSource, type SettingsInput } from './config.ts';
import { CodeSageError } from './errors.ts';

function load(input: Partial<Pick<SettingsInput, 'env' | 'flags'>> & { yaml?: string } = {}) {
  const { yaml } = input;
  return loadSettings({ env: {}, flags: {}, ...input, cacheHome: '/cache', cwd: '/here', readFile: () => yaml });
}

function fault(work: () => unknown): CodeSageError {
  try {
    work();
  } catch (error) {
    if (error instanceof CodeSageError) return error;
    throw error;
  }
  throw new Error('expected a CodeSageError');
}

describe('loadSettings', () => {
  test('[server.config] defaults hold where nothing is said', () => {
    const settings = load();
    expect(settings).toMatchObject({ httpPort: 8000, internalPort: 8001, host: '127.0.0.1' });
    expect(settings.config.cache).toEqual({
      embedding: 5000,
      search: 1000,
      file: 100,
      persistence: true,
      warming: true,
    });
  });

  test('[server.config] the file overrides defaults, and opens every interface and the container data directory', () => {
    const settings = load({ yaml: 'cache: {search: 7}\nlogging: {level: warn}' });
    expect(settings.config.cache.search).toBe(7);
    expect(settings.host).toBeUndefined();
    expect(settings.dataDir).toBe('/app/.codesage');
  });

  test('[server.config] the environment overrides the file, and flags override the environment', () => {
    const settings = load({
      yaml: 'cache: {search: 7, file: 8}\nsources: [{name: a, path: /a}]',
      env: { SEARCH_CACHE_SIZE: '9', CODESAGE_HTTP_PORT: '1234', CODESAGE_DATA_DIR: '/from-env' },
      flags: { port: '4321', data: 'from-flag', source: ['b=/b'] },
    });
    expect(settings.config.cache).toMatchObject({ embedding: 5000, search: 9, file: 8 });
    expect(settings.httpPort).toBe(4321);
    expect(settings.dataDir).toBe('/here/from-flag');
    expect(settings.config.sources.map(({ name }) => name)).toEqual(['b']);
  });

  test("[server.config] the original's variable names take effect, its spelling of levels included", () => {
    const env = {
      EMBEDDING_CACHE_SIZE: '8000',
      SEARCH_CACHE_SIZE: '1500',
      FILE_CACHE_SIZE: '50',
      MAX_MEMORY_MB: '4096',
      CHUNK_SIZE_TOKENS: '500',
      HTTP_REQUEST_TIMEOUT: '12',
      HTTP_MAX_RETRIES: '0',
      LOG_LEVEL: 'WARNING',
      LOG_FORMAT: 'text',
    };
    const { config } = load({ env });
    expect(config.cache).toMatchObject({ embedding: 8000, search: 1500, file: 50 });
    expect(config.memory.maxMB).toBe(4096);
    expect(config.indexing.chunkSizeTokens).toBe(500);
    expect(config.llm).toMatchObject({ timeoutSeconds: 12, maxRetries: 0 });
    expect(config.logging).toEqual({ level: 'warn', format: 'text' });
  });

  test.each([
    [{ env: { MAX_MEMORY_MB: '10' } }, /memory\.maxMB \(from MAX_MEMORY_MB\)/, /at least 64/],
    [{ env: { MAX_MEMORY_MB: '2g' } }, /MAX_MEMORY_MB is "2g"/, /digits only/],
    [{ env: { LOG_LEVEL: 'loud' } }, /logging\.level \(from LOG_LEVEL\)/, /debug, info, warn, error/],
    [{ env: { CODESAGE_HTTP_PORT: '70000' } }, /CODESAGE_HTTP_PORT is 70000/, /1 to 65535/],
    [{ flags: { port: 'http' } }, /--port is "http"/, /digits only/],
    [{ yaml: 'cahce: {search: 1}' }, /cahce/, /spelling/],
    [{ yaml: 'sources: [{name: Shop, path: /a}]' }, /sources\.0\.name/, /lower-case/],
    [{ yaml: 'sources: [{name: shop}]' }, /exactly one of git and path/, /Correct/],
    [{ yaml: 'sources: [' }, /not valid YAML/, /line/],
    [{ yaml: '' }, /is empty/, /sources/],
    [{ yaml: '# soon\n' }, /is empty/, /sources/],
    [{ env: { CODESAGE_CONFIG: '/none.yaml' } }, /CODESAGE_CONFIG names \/none\.yaml/, /readable YAML/],
    [{ flags: { source: ['/a/x', '/b/x'] } }, /names "x" twice/, /NAME=PATH/],
  ])('[server.config] %j is refused with its place and what to write', (input, message, remedy) => {
    const error = fault(() => load(input));
    expect(error.code).toBe('ConfigInvalid');
    expect(error.message).toMatch(message);
    expect(error.remedy).toMatch(remedy);
  });

  test('two sets of local sources never share a data directory', () => {
    expect(load({ flags: { source: ['/a'] } }).dataDir).not.toBe(load({ flags: { source: ['/b'] } }).dataDir);
  });
});

describe('parseSource', () => {
  test.each([
    ['shop=/code/shop', { name: 'shop', path: '/code/shop' }],
    ['./My Project', { name: 'my-project', path: '/here/My Project' }],
    ['.', { name: 'here', path: '/here' }],
    ['https://example.com/team/shop.git', { name: 'shop', git: { url: 'https://example.com/team/shop.git' } }],
    ['tools=git@example.com:team/x.git', { name: 'tools', git: { url: 'git@example.com:team/x.git' } }],
    ['https://example.com/x?a=b', { name: 'x-a-b', git: { url: 'https://example.com/x?a=b' } }],
  ])('%s', (text, expected) => {
    expect(parseSource(text, '/here')).toEqual(expected);
  });
});

describe('cache variables', () => {
  const cacheOf = (env: Record<string, string>) => load({ env }).config.cache;

  test('[cache.settings] the original names switch and tune the caches', () => {
    expect(cacheOf({ CACHE_SIMILARITY_THRESHOLD: '0.95' }).similarityThreshold).toBe(0.95);
    expect(cacheOf({ CACHE_SIMILARITY_THRESHOLD: '0' }).similarityThreshold).toBeUndefined();
    expect(cacheOf({ ENABLE_CACHE_PERSISTENCE: 'false', ENABLE_CACHE_WARMING: 'off' })).toMatchObject({
      persistence: false,
      warming: false,
    });
    expect(cacheOf({ ENABLE_CACHING: 'False', SEARCH_CACHE_SIZE: '7' })).toMatchObject({
      embedding: 0,
      search: 0,
      file: 0,
    });
    expect(cacheOf({ ENABLE_CACHING: 'true', SEARCH_CACHE_SIZE: '7' })).toMatchObject({ search: 7, file: 100 });
  });

  test.each([
    [{ ENABLE_CACHING: 'maybe' }, /ENABLE_CACHING is "maybe"/],
    [{ CACHE_SIMILARITY_THRESHOLD: 'high' }, /CACHE_SIMILARITY_THRESHOLD is "high"/],
    [{ CACHE_SIMILARITY_THRESHOLD: '0.2' }, /cache.similarityThreshold \(from CACHE_SIMILARITY_THRESHOLD\)/],
  ])('[cache.settings] %j is refused by its name', (env, message) => {
    expect(() => cacheOf(env)).toThrow(message);
  });
});

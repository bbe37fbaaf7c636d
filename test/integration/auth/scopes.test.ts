/** Decides whether a limited caller can tell, from any answer of any tool, prompt or resource, that there is another codebase. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ask,
  choosePorts,
  createWorkspace,
  type Era,
  type GuardedServer,
  startGuarded,
  type Workspace,
} from './support/guarded-server.ts';

const tokens = {
  everything: 'token-that-sees-everything',
  shop: 'token-that-sees-the-shop',
  both: 'token-that-sees-both-by-name',
  nothing: 'token-that-sees-nothing',
};
type Who = keyof typeof tokens;

let workspace: Workspace;
let server: GuardedServer;
let tools: { name: string; inputSchema: { properties?: Record<string, unknown>; required?: string[] } }[];

beforeAll(async () => {
  workspace = await createWorkspace();
  const tokenDirectory = path.join(workspace.root, 'tokens');
  await mkdir(tokenDirectory);
  for (const [name, token] of Object.entries(tokens)) await writeFile(path.join(tokenDirectory, name), token);
  const grants = [
    { name: 'everything', codebases: ['*'] },
    { name: 'shop', codebases: ['shop'] },
    { name: 'both', codebases: ['shop', 'secret', 'of another server'] },
  ];
  server = await startGuarded(workspace, { auth: { mode: 'Token', tokenDirectory, grants } }, await choosePorts());
  const listed = await send('everything', '2025', 'tools/list');
  tools = (listed as { result: { tools: typeof tools } }).result.tools;
});
afterAll(async () => {
  await server?.stop();
  await workspace?.remove();
});

async function send(who: Who, era: Era, method: string, params: Record<string, unknown> = {}): Promise<object> {
  const response = await ask(server.url, { era, token: tokens[who], method, params });
  expect(response.status).toBeLessThan(500);
  const text = await response.text();
  // With progress the answer is a stream, whose last message is the answer.
  const data = text.startsWith('{')
    ? text
    : (text
        .match(/^data: (\{.*\})$/gm)
        ?.at(-1)
        ?.slice(6) ?? text);
  return JSON.parse(data) as object;
}

/** What an answer tells, without what differs from call to call. */
async function call(who: Who, tool: string, args: object, era: Era = '2025', meta?: object): Promise<string> {
  const params = { name: tool, arguments: args, ...(meta !== undefined && { _meta: meta }) };
  const answer = (await send(who, era, 'tools/call', params)) as { result?: { content?: { text?: string }[] } };
  return answer.result?.content?.map(({ text }) => text).join('\n') ?? JSON.stringify(answer);
}

const words: Readonly<Record<string, string>> = {
  query: 'launchCode',
  pattern: 'launchCode',
  name: 'launchCode',
  symbol: 'launchCode',
  function_name: 'launchCode',
};

/** Arguments that ask about a codebase, in every parameter of the tool that can name it. */
function argumentsAbout({ name, inputSchema }: (typeof tools)[number], codebase: string): Record<string, unknown> {
  const file = `${codebase}/src/launch.ts`;
  const known: Record<string, unknown> = { codebase_path: codebase, file_path: file, line_number: 7 };
  if (name === 'index_codebase') known.path = codebase;
  const wanted = Object.keys(inputSchema.properties ?? {}).filter(
    (key) => key in known || (inputSchema.required ?? []).includes(key),
  );
  const valueFor = (key: string) => known[key] ?? words[key] ?? firstOption(inputSchema.properties?.[key]) ?? 'x';
  return Object.fromEntries(wanted.map((key) => [key, valueFor(key)]));
}

function firstOption(schema: unknown): unknown {
  return (schema as { enum?: unknown[] } | undefined)?.enum?.[0];
}

/** Tools that an argument can make name a codebase. */
const aboutCodebases = () =>
  tools.filter((tool) => {
    const args = argumentsAbout(tool, 'secret');
    return JSON.stringify(args).includes('secret');
  });

describe('[auth.scopes] asked about a codebase that the caller may not see', () => {
  test('there are tools to ask, and one who may see it gets answers', async () => {
    expect(aboutCodebases().length).toBeGreaterThan(20);
    for (const tool of aboutCodebases()) {
      const answer = await call('everything', tool.name, argumentsAbout(tool, 'secret'));
      expect(`${tool.name}: ${answer}`).not.toContain('UnknownCodebase');
    }
  });

  test.each<Era>(['2025', '2026'])('every tool says what it says of one that is not there (%s)', async (era) => {
    let refused = 0;
    for (const tool of aboutCodebases()) {
      const [secret, nowhere] = [
        await call('shop', tool.name, argumentsAbout(tool, 'secret'), era),
        await call('shop', tool.name, argumentsAbout(tool, 'nowhere'), era),
      ];
      expect(`${tool.name}: ${secret.replaceAll('secret', 'nowhere')}`).toBe(`${tool.name}: ${nowhere}`);
      // Tools that only write a path into what they generate answer, and are asked in the right form all the same.
      expect(secret).not.toMatch(/^(InvalidArgument|Internal): /);
      if (/^(UnknownCodebase|FileNotFound): /.test(secret)) refused += 1;
    }
    expect(refused).toBeGreaterThan(20);
  });

  test('every tool says so by the directory of the codebase, too', async () => {
    const [secret, nowhere] = ['secret', 'nowhere'].map((name) => path.join(workspace.root, name)) as [string, string];
    for (const tool of aboutCodebases()) {
      const [about, aside] = [
        await call('shop', tool.name, argumentsAbout(tool, secret)),
        await call('shop', tool.name, argumentsAbout(tool, nowhere)),
      ];
      expect(`${tool.name}: ${about.replaceAll('secret', 'nowhere')}`).toBe(`${tool.name}: ${aside}`);
    }
  });

  test('a call that wants progress, which the shortcut does not answer, says the same', async () => {
    const answer = await call('shop', 'list_files', { codebase_path: 'secret' }, '2025', { progressToken: 1 });
    expect(answer).toBe('UnknownCodebase: There is no codebase "secret". Use one of: shop.');
  });
});

/** Words that are in the secret codebase, or in what is told of it, and nowhere else. */
const telling = /secret|launch|everything|both/i;

describe('[auth.scopes] asked about everything', () => {
  /** Arguments without any codebase: all there are. What is asked for is a word that repeats in no answer. */
  const overAll: [string, Record<string, unknown>][] = [
    ['list_codebases', {}],
    ['get_index_status', {}],
    ['get_configuration', {}],
    ['get_usage_patterns', {}],
    ['get_performance_metrics', {}],
    ['get_cache_statistics', {}],
    ['analyze_cache_effectiveness', {}],
    ['semantic_search_codebase', { query: 'amount', top_k: 50 }],
    ['semantic_search_codebase', { query: 'amount', top_k: 50, mode: 'bm25', explain: true }],
    ['search_codebase', { codebase_path: '*', pattern: 'amount' }],
    ['search_codebase', { codebase_path: '*', pattern: 'amount', output_mode: 'count' }],
    ['find_symbol', { name: 'c', match: 'substring' }],
    ['find_references', { name: 'step' }],
    ['trace_calls', { symbol: 'step' }],
    ['list_undocumented_functions', { exported_only: false }],
    ['find_related_code', { file_path: 'shop/src/pay.ts', all_codebases: true }],
  ];

  test.each(overAll)('%s tells a limited caller of nothing else: %j', async (tool, args) => {
    // First somebody who sees everything, so that what is kept of that answer could be given to the other.
    const whole = await call('everything', tool, args);
    const part = await call('shop', tool, args);
    expect(part).not.toMatch(telling);
    const isAboutCode = tool.startsWith('search_') || tool.startsWith('semantic_') || tool.startsWith('find_');
    if (isAboutCode) expect(whole).toMatch(telling);
    expect(part).not.toMatch(/^(Internal|UnknownCodebase)/);
  });

  test('somebody who sees all codebases by their names sees what one sees who may see all', async () => {
    for (const [tool, args] of overAll.filter(([name]) => /^(search|semantic|find)_/.test(name))) {
      const results = async (who: Who) => {
        const {
          took_ms: _took,
          cached: _cached,
          ...answer
        } = JSON.parse(await call(who, tool, args)) as Record<string, unknown>;
        return answer;
      };
      expect(await results('both')).toEqual(await results('everything'));
    }
  });

  test('somebody who sees nothing gets nothing, and is told so', async () => {
    for (const [tool, args] of overAll) {
      const answer = await call('nothing', tool, args);
      expect(`${tool} ${answer}`).not.toMatch(/pay\.ts|shop\/|"name":"shop"|launch/);
    }
    expect(JSON.parse(await call('nothing', 'list_codebases', {}))).toEqual({ codebases: [] });
    expect(await call('nothing', 'search_codebase', { codebase_path: '*', pattern: 'x' })).toBe(
      'UnknownCodebase: There is no codebase that this token may see. Ask whoever runs the server for access to one.',
    );
  });
});

describe.each<Era>(['2025', '2026'])('[auth.scopes] besides tools, in the era of %s', (era) => {
  const both = async (method: string, about: (codebase: string) => Record<string, unknown>) => {
    const [secret, nowhere] = [
      JSON.stringify(await send('shop', era, method, about('secret'))),
      JSON.stringify(await send('shop', era, method, about('nowhere'))),
    ];
    return { secret: secret.replaceAll('secret', 'nowhere'), nowhere };
  };

  test('resources are those of the caller', async () => {
    const listed = JSON.stringify(await send('shop', era, 'resources/list'));
    expect(listed).toContain('codesage://shop');
    expect(listed).not.toMatch(telling);
    expect(JSON.stringify(await send('everything', era, 'resources/list'))).toContain('codesage://secret');
    for (const uri of ['codesage://secret', 'codesage://secret/src/launch.ts', 'codesage://secret/README.md']) {
      const { secret, nowhere } = await both('resources/read', (name) => ({ uri: uri.replace('secret', name) }));
      expect(secret).toBe(nowhere);
      expect(JSON.stringify(await send('everything', era, 'resources/read', { uri }))).toContain('contents');
    }
  });

  test('prompts show no other codebase', async () => {
    const { secret, nowhere } = await both('prompts/get', (codebase) => ({
      name: 'explore_codebase',
      arguments: { codebase },
    }));
    expect(secret).toBe(nowhere);
    expect(secret).toContain('There is no codebase');
  });

  test('names and paths of others are not proposed', async () => {
    const complete = (who: Who, name: string, value: string, context: object = {}) =>
      send(who, era, 'completion/complete', {
        ref: { type: 'ref/resource', uri: 'codesage://{codebase}/{+path}' },
        argument: { name, value },
        context,
      });
    expect(JSON.stringify(await complete('everything', 'codebase', 's'))).toContain('secret');
    expect(JSON.stringify(await complete('shop', 'codebase', 's'))).not.toContain('secret');
    const inside = { arguments: { codebase: 'secret' } };
    expect(JSON.stringify(await complete('everything', 'path', 'l', inside))).toContain('launch.ts');
    expect(JSON.stringify(await complete('shop', 'path', 'l', inside))).not.toContain('launch.ts');
  });
});

test('[auth.scopes] a limited caller can index own codebases, and no other', async () => {
  expect(await call('shop', 'index_codebase', { path: 'shop' })).toContain('"shop"');
  expect(await call('shop', 'index_codebase', { path: 'secret' })).toMatch(/^UnknownCodebase/);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tool } from '../../../server/src/tools/define.ts';
import { registry } from '../../../server/src/tools/registry.ts';
import { type AttackedServer, type Era, type Json, startAttackedServer } from './support/attacked-server.ts';
import { createWorld, type World } from './support/corpus.ts';
import { inParallel } from './support/in-parallel.ts';
import { faultsOfAnswer, parse } from './support/oracle.ts';
import { propertiesOf, type Role, type TextParameter, textParameters, usualArguments } from './support/roles.ts';
import { historyCanaries, secretCanaries, secretFiles, secretPrefix } from './support/secrets.ts';

let world: World;
let server: AttackedServer;
beforeAll(async () => {
  world = createWorld();
  server = await startAttackedServer(world);
}, 150_000);
afterAll(async () => {
  await server?.stop();
  world?.remove();
});

const eraOf = (index: number): Era => (index % 3 === 2 ? '2026' : '2025');

/** Where the secrets are now, and where they were. */
const secretPaths = [
  ...secretFiles.map(({ path }) => path),
  '.git/config',
  '.env.staging',
  'old/id_rsa',
  'old/robot.txt',
  'old/.env.first',
  'old/notes.txt',
];

/** What an asker who wants secrets writes into a parameter of each role. */
function temptations(role: Role): string[] {
  switch (role) {
    case 'path':
      return secretPaths.flatMap((path) => [path, `shop/${path}`, `mirror/${path}`, `${world.shop}/${path}`]);
    case 'glob':
      return [
        '**',
        '**/.*',
        '.*',
        '.env*',
        '**/.env*',
        '*.{pem,key,p12}',
        'keys/**',
        'deploy/**',
        'home/**',
        ...secretPaths,
      ];
    case 'codebase':
      return ['shop', 'mirror', '*', world.shop, `${world.shop}/keys`, `${world.shop}/.git`];
    case 'revision':
      return ['HEAD', 'HEAD~1', 'HEAD~2', 'HEAD~3', 'HEAD~4', 'main', 'HEAD:.env.staging', 'HEAD~4..HEAD'];
    case 'pattern':
      return [
        secretPrefix,
        `${secretPrefix}\\w+`,
        '.',
        '.*',
        '(?s).+',
        'TOKEN|PASSWORD',
        'BEGIN .*PRIVATE KEY',
        '[0-9A-Za-z]{12,}',
      ];
    case 'symbol':
      return ['DATABASE_PASSWORD', 'API_TOKEN', 'TOKEN', 'db_password', 'private_key', secretPrefix, 'dbPassword'];
    case 'language':
      return ['text', 'json', 'yaml', 'pem', 'env', '.env', 'toml', 'npmrc'];
    default:
      return [secretPrefix, 'the database password', 'API token', 'private key', 'credentials of the bot', 'settings'];
  }
}

/** Arguments that ask for as much as a tool gives: long lists, much context, everything around. */
function greedy(tool: Tool): Json {
  const args: Json = usualArguments(tool);
  for (const [name, schema] of Object.entries(propertiesOf(tool.inputSchema))) {
    if (args[name] !== undefined) continue;
    if (/^(?:limit|top_k|context_lines|max_body_lines|max_depth)$/.test(name)) args[name] = schema.maximum;
    if (/^include_/.test(name)) args[name] = true;
  }
  return args;
}

/** The usual arguments, greedy ones, each of these with every temptation in every place, and each choice of an enumeration. */
function questionsTo(tool: Tool): Json[] {
  const bases = [usualArguments(tool), greedy(tool)];
  const parameters = textParameters(tool);
  const tempted = bases.flatMap((base) =>
    parameters.flatMap((parameter) =>
      temptations(parameter.role).map((text) => ({ ...base, ...put(parameter, text) })),
    ),
  );
  const chosen = bases.flatMap((base) =>
    Object.entries(propertiesOf(tool.inputSchema)).flatMap(([name, { enum: values }]) =>
      Array.isArray(values) ? values.map((value) => ({ ...temptedPattern(parameters, base), [name]: value })) : [],
    ),
  );
  return [...bases, ...tempted, ...chosen];
}

function put({ name, isList }: TextParameter, text: string): Json {
  return { [name]: isList ? [text] : text };
}

/** Each way to rank or to show, asked for secrets at once. */
function temptedPattern(parameters: readonly TextParameter[], base: Json): Json {
  const asked = parameters.find(({ role }) => role === 'pattern' || role === 'text' || role === 'symbol');
  return asked === undefined ? base : { ...base, ...put(asked, secretPrefix) };
}

describe('[safety.secrets] no answer shows what a file with credentials holds', () => {
  test.each(registry.map((tool) => ({ name: tool.name, tool })))(
    '$name',
    async ({ tool }) => {
      const faults: string[] = [];
      await inParallel(questionsTo(tool), 4, async (args, index) => {
        if (tool.name === 'index_codebase' && args.full === true) return;
        const answer = await server.call(tool.name, args, eraOf(index));
        // The directories of the codebases are what was asked with.
        const found = faultsOfAnswer(answer, { world, sent: [world.shop], onlyShop: false });
        const shown = found.filter((fault) => !fault.includes('path of the machine'));
        if (shown.length > 0) faults.push(`${JSON.stringify(args).slice(0, 300)} ${shown.join('; ')}`);
        const next = (parse(answer.text)?.result as { structuredContent?: { next_offset?: number } })?.structuredContent
          ?.next_offset;
        if (next === undefined || !('offset' in propertiesOf(tool.inputSchema))) return;
        const page = await server.call(tool.name, { ...args, offset: next }, eraOf(index + 1));
        faults.push(
          ...secretCanaries.filter((canary) => page.text.includes(canary)).map((canary) => `page 2: ${canary}`),
        );
      });
      expect(faults).toEqual([]);
    },
    240_000,
  );
});

test('[safety.secrets] the files are left out and counted as secrets, and nothing else is', async () => {
  const { text } = await server.call('get_index_status', { codebase_path: 'shop' }, '2025');
  const { result } = parse(text) as { result: { structuredContent: { codebases: { skipped: Json }[] } } };
  expect(result.structuredContent.codebases[0]?.skipped.secret).toBe(secretFiles.length);
});

test('[safety.secrets] resources show none of them', async () => {
  const uris = temptations('path').flatMap((path) => [
    `codesage://${path}`,
    `codesage://codebase/${path}`,
    `file://${path}`,
  ]);
  await inParallel(uris, 4, async (uri, index) => {
    const { text } = await server.request('resources/read', { uri }, eraOf(index));
    expect(
      secretCanaries.filter((canary) => text.includes(canary)),
      uri,
    ).toEqual([]);
  });
});

test('[safety.secrets] a search for the very secret tells no more than any other word', async () => {
  for (const tool of registry) {
    const asked = textParameters(tool).filter(({ role }) => ['pattern', 'text', 'symbol'].includes(role));
    for (const parameter of asked) {
      for (const canary of [secretFiles[0]?.canary ?? '', ...historyCanaries]) {
        const answer = await server.call(tool.name, { ...usualArguments(tool), ...put(parameter, canary) }, '2025');
        const { structuredContent } = (parse(answer.text)?.result ?? {}) as { structuredContent?: Json };
        const found = JSON.stringify(structuredContent ?? {});
        const named = secretPaths.filter((path) => path !== 'old/notes.txt' && found.includes(path));
        expect(named, `${tool.name} ${parameter.name} ${canary}`).toEqual([]);
      }
    }
  }
}, 120_000);

test('[safety.secrets] the log holds none of them', () => {
  const logs = server.logs();
  expect(secretCanaries.filter((canary) => logs.includes(canary))).toEqual([]);
});

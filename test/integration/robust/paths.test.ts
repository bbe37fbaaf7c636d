import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registry } from '../../../server/src/tools/registry.ts';
import { type AttackedServer, type Era, type Exchange, startAttackedServer } from './support/attacked-server.ts';
import { createWorld, type World } from './support/corpus.ts';
import { escapesOf } from './support/escapes.ts';
import { inParallel } from './support/in-parallel.ts';
import { faultsOfAnswer, parse } from './support/oracle.ts';
import { pathRoles, type TextParameter, textParameters, unreachedParameters, usualArguments } from './support/roles.ts';

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

const minutes = (count: number) => count * 60_000;
const eraOf = (index: number): Era => (index % 3 === 2 ? '2026' : '2025');

const targets = registry.flatMap((tool) =>
  textParameters(tool)
    .filter(({ role }) => pathRoles.has(role))
    .map((parameter) => ({ tool, parameter, name: `${tool.name} ${parameter.name}` })),
);

/** Where a tool takes a codebase, it was asked about `shop` unless the attack is on that very parameter. */
function isAboutShop(toolName: string, { role }: TextParameter): boolean {
  return role !== 'codebase' && toolName !== 'index_codebase';
}

function resultOf({ text }: Exchange): { isError?: boolean; content?: { text: string }[] } {
  return (parse(text)?.result ?? {}) as { isError?: boolean };
}

test('at least 200 different inputs are tried', () => {
  for (const role of ['path', 'glob', 'codebase'] as const) {
    expect(escapesOf(world, role).length, role).toBeGreaterThanOrEqual(200);
  }
});

test('it is known of every text that a tool takes whether it names files', () => {
  for (const tool of registry) {
    const unsorted = textParameters(tool).filter(({ role }) => role === 'unsorted');
    const names = [...unsorted.map(({ name }) => name), ...unreachedParameters(tool)];
    expect(names, `${tool.name}: say in support/roles.ts what these mean`).toEqual([]);
  }
});

test('every tool answers well before it is attacked, so that a refusal means something', async () => {
  for (const tool of registry) {
    const answer = await server.call(tool.name, usualArguments(tool), '2025');
    expect(resultOf(answer).isError, `${tool.name}: ${answer.text.slice(0, 500)}`).toBeUndefined();
  }
});

describe('[safety.paths] no input gets out of its codebase', () => {
  test.each(targets)(
    '$name',
    async ({ tool, parameter }) => {
      const faults: string[] = [];
      await inParallel(escapesOf(world, parameter.role), 4, async (input, index) => {
        const args = { ...usualArguments(tool), [parameter.name]: parameter.isList ? [input] : input };
        const answer = await server.call(tool.name, args, eraOf(index));
        const found = faultsOfAnswer(answer, { world, sent: [input], onlyShop: isAboutShop(tool.name, parameter) });
        if (found.length > 0) faults.push(`${JSON.stringify(input).slice(0, 200)} ${found.join('; ')}`);
      });
      expect(faults).toEqual([]);
      expect(server.isAlive(), server.logs().slice(-2000)).toBe(true);
    },
    minutes(4),
  );
});

describe('[safety.paths] what lies behind a link', () => {
  const read = async (path: string) => {
    const answer = await server.call('read_code_file', { file_path: path }, '2025');
    return resultOf(answer).content?.[0]?.text.replaceAll(path.replace(/^shop\//, ''), '‹path›');
  };

  test.each([
    ['links/directory/outside.ts', 'links/directory/nothing.ts'],
    ['links/root/etc/passwd', 'links/root/etc/nothing'],
    ['links/proc/self/environ', 'links/proc/self/nothing'],
    ['links/file.ts', 'links/dangling'],
    ['links/parent/outside/outside.ts', 'links/parent/outside/nothing.ts'],
    ['links/secret.txt', '.env.nothing'],
  ])('is refused in the same words whether %s is there or not', async (there, absent) => {
    const refusal = await read(`shop/${there}`);
    expect(refusal).toMatch(/^PathNotAllowed/);
    expect(await read(`shop/${absent}`)).toBe(refusal);
  });

  test('is read where it stays inside the codebase', async () => {
    expect(await read('shop/links/up/src/total.ts')).toContain('Adds up prices');
    expect(await read('shop/links/hard.ts')).toContain('hardLinked');
  });
});

test('[safety.paths] ignore files that are pipes or links to devices stop neither indexing nor reading', async () => {
  const answer = await server.call('read_code_file', { file_path: 'shop/links/trap/inside.ts' }, '2025');
  expect(resultOf(answer).content?.[0]?.text).toContain('insideTheTrap');
});

test('[safety.paths] resources are no way out either', async () => {
  const faults: string[] = [];
  await inParallel(escapesOf(world, 'path'), 4, async (input, index) => {
    for (const uri of [`codesage://codebase/${input}`, `codesage://shop/${input}`, input]) {
      const answer = await server.request('resources/read', { uri }, eraOf(index));
      const found = faultsOfAnswer(answer, { world, sent: [uri, input], onlyShop: false });
      if (found.length > 0) faults.push(`${JSON.stringify(uri).slice(0, 200)} ${found.join('; ')}`);
    }
  });
  expect(faults).toEqual([]);
}, 120_000);

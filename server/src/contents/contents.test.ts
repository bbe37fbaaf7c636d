/** Decides whether addresses, overviews, completions and prompts say what they should, without a server around them. */
import { describe, expect, test } from 'vitest';
import type { Caller } from '../auth/caller.ts';
import { testSettings } from '../testing/assemble.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { registry } from '../tools/registry.ts';
import type { ToolObservation } from '../tools/run.ts';
import { ranked } from './completion.ts';
import { createContents } from './contents.ts';
import { renderOverview } from './overview.ts';
import { promptDefinitions } from './prompts.ts';
import { parseUri, uriOf } from './uri.ts';

const { signal } = new AbortController();
const everybody: Caller = { name: 'everybody', codebases: 'all' };
const stranger: Caller = { name: 'stranger', codebases: new Set(['other']) };

function contents() {
  const seen: ToolObservation[] = [];
  const observe = (observation: ToolObservation) => void seen.push(observation);
  return { seen, ...createContents({ engine: createStubEngine(), settings: testSettings(), observe }) };
}

describe('addresses', () => {
  test.each([
    [{ codebase: 'shop' }, 'codesage://shop'],
    [{ codebase: 'shop', path: 'src/a b#1?.ts' }, 'codesage://shop/src/a%20b%231%3F.ts'],
    [{ codebase: 'shop', path: 'ünï/100%.md' }, 'codesage://shop/%C3%BCn%C3%AF/100%25.md'],
  ])('%j is written as %s and read back', (named, uri) => {
    expect(uriOf(named)).toBe(uri);
    expect(parseUri(uri)).toEqual(named);
  });

  test('paths are left as they are asked for, so that the engine judges them', () => {
    expect(parseUri('codesage://shop/../x')).toEqual({ codebase: 'shop', path: '../x' });
  });

  test.each(['', 'codesage://', 'codesage:///x', 'http://shop/x', 'codesage://shop/%', 'codesage://shop/a?b'])(
    '%j is none',
    (uri) => {
      expect(parseUri(uri)).toBeUndefined();
    },
  );
});

describe('the overview', () => {
  const status = { name: 'shop', state: 'Ready', files: 4, chunks: 9, skipped: {} } as const;
  const facts = (path: string, language: string, lines: number) => ({
    path,
    language,
    lines,
    sizeBytes: 1,
    codeLines: lines,
    commentLines: 0,
    blankLines: 0,
  });

  test('names languages and directories by size, manifests, entry points and the introduction', () => {
    const text = renderOverview(status, [
      facts('README.md', 'markdown', 3),
      facts('package.json', 'json', 20),
      facts('src/cart/main.ts', 'typescript', 50),
      facts('test/main.ts', 'typescript', 900),
    ]);
    expect(text).toContain('codesage://shop/README.md');
    expect(text).toMatch(/## Languages\n\n- typescript: 2 files, 950 lines\n- json: 1 file, 20 lines/);
    expect(text).toMatch(/## Main directories\n\n- test\/: 1 file, 900 lines\n- src\/cart\/: 1 file, 50 lines/);
    expect(text).toMatch(/## Manifests\n\n- package.json \(20 lines\)\n/);
    expect(text).toMatch(/## Likely entry points\n\n- src\/cart\/main.ts \(50 lines\)\n\n/);
  });

  test('of a codebase that was never indexed says so', () => {
    expect(renderOverview({ ...status, state: 'Pending' }, undefined)).toMatch(/State: Pending[\s\S]*get_index_status/);
  });

  test('of a huge codebase stays near a page', () => {
    const files = Array.from({ length: 5000 }, (_, index) =>
      facts(`dir${index}/sub/main.go`, `language${index}`, index),
    );
    expect(renderOverview(status, files).length).toBeLessThan(6000);
  });
});

describe('resources', () => {
  test('[mcp.resources] a caller lists and reads what they may see, and nothing tells that there is more', async () => {
    const { resources, prompts, complete } = contents();
    const asked = { caller: stranger, signal };
    expect(await resources.list(undefined, asked)).toEqual({ resources: [] });
    await expect(resources.read('codesage://shop', asked)).rejects.toThrow(/not found/i);
    await expect(resources.read('codesage://shop/src/cart.ts', asked)).rejects.toThrow(/not found/i);
    await expect(prompts.get('explore_codebase', { codebase: 'shop' }, asked)).rejects.toThrow(/no codebase "shop"/);
    const names = await complete(
      { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'codebase', value: '' } },
      asked,
    );
    expect(names.completion.values).toEqual([]);
    expect((await resources.list(undefined, { caller: everybody, signal })).resources).toHaveLength(1);
  });

  test('[mcp.resources] a list goes on behind the last name of a page, and a foreign cursor is refused', async () => {
    const engine = createStubEngine();
    const { codebases, ...rest } = await engine.status();
    const many = Array.from({ length: 250 }, (_, index) => ({
      ...codebases[0],
      name: `code${String(index).padStart(3, '0')}`,
    })) as typeof codebases;
    const { resources } = createContents({
      engine: createStubEngine({ status: async () => ({ ...rest, codebases: many }) }),
      settings: testSettings(),
      observe: () => {},
    });
    const names: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await resources.list(cursor, { caller: everybody, signal });
      names.push(...page.resources.map(({ name }) => name));
      cursor = page.nextCursor;
      pages += 1;
    } while (cursor !== undefined && pages < 10);
    expect(names).toEqual(many.map(({ name }) => name));
    expect(pages).toBe(3);
    await expect(resources.list('x', { caller: everybody, signal })).rejects.toThrow(/cursor/);
  });

  test('a reading is told to the audit log as calls of tools are, and so is a refusal', async () => {
    const { resources, seen } = contents();
    const asked = { caller: everybody, signal, requestId: 'r1' };
    await resources.read('codesage://shop/src/cart.ts', asked);
    await resources.read('codesage://shop/none.ts', asked).catch(() => {});
    expect(seen).toMatchObject([
      { tool: 'resources/read', outcome: 'ok', caller: 'everybody', codebase: 'shop', requestId: 'r1' },
      { tool: 'resources/read', outcome: 'error', code: 'FileNotFound', codebase: 'shop' },
    ]);
  });
});

describe('completion', () => {
  test('what begins with the text comes first, then file names, then the rest, in any case', () => {
    const values = ['src/api/cart.ts', 'lib/api.ts', 'API.md', 'other.ts'];
    expect(ranked(values, 'api').completion).toEqual({
      values: ['API.md', 'lib/api.ts', 'src/api/cart.ts'],
      total: 3,
      hasMore: false,
    });
  });

  test('more than a hundred are told as more', () => {
    const values = Array.from({ length: 150 }, (_, index) => `file${index}`);
    const { completion } = ranked(values, '');
    expect(completion).toMatchObject({ total: 150, hasMore: true });
    expect(completion.values).toHaveLength(100);
  });
});

describe('prompts', () => {
  const given = (definition: (typeof promptDefinitions)[number], all: boolean) =>
    Object.fromEntries(
      definition.arguments
        .filter(({ required }) => all || required)
        .map(({ name }) => [name, name === 'codebase' ? 'shop' : `the ${name}`]),
    );

  test.each(promptDefinitions.map((definition) => [definition.name, definition] as const))(
    '[mcp.prompts] %s names only tools that exist, and says what it was given',
    (_name, definition) => {
      const tools = new Set(registry.map(({ name }) => name));
      for (const all of [false, true]) {
        const args = given(definition, all);
        const text = definition.write(args);
        const named = text.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [];
        const words = ['path_globs', 'max_depth'];
        expect(named.filter((name) => !tools.has(name) && !words.includes(name))).toEqual([]);
        for (const value of Object.values(args)) expect(text).toContain(value);
        expect(text).not.toMatch(/undefined/);
      }
    },
  );

  test.each([
    [{}, /codebase is missing.*codebase \(required\)/],
    [{ codebase: ' ' }, /codebase is missing/],
    [{ codebase: 'shop', depth: '3' }, /no argument "depth"/],
    [{ codebase: 'none' }, /no codebase "none".*shop/],
    [{ codebase: 'shop', focus: 'x'.repeat(20_001) }, /focus is longer/],
  ])('%j is refused with what to write', async (args, message) => {
    const { prompts } = contents();
    await expect(
      prompts.get('explore_codebase', args as Record<string, string>, { caller: everybody, signal }),
    ).rejects.toThrow(message);
  });
});

/** Decides whether many heavy calls at once leave quick ones alone, over a real engine: by their order, not by the clock. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testServices, testSettings } from '../../../server/src/testing/assemble.ts';
import { laneLimits } from '../../../server/src/tools/lanes.ts';
import { registry } from '../../../server/src/tools/registry.ts';
import { createToolRunner, type ToolRunner } from '../../../server/src/tools/run.ts';
import { Cleanups, makeEngine, settled, writeTree } from './harness.ts';

const modules = 250;
const functionsEach = 12;

/** Modules that all define and call the same names, which is what makes questions about symbols heavy. */
function moduleText(number: number): string {
  const calls = Array.from({ length: functionsEach }, (_, i) => {
    const other = (number * 7 + i) % modules;
    return `export function step${i}(store: Store) {\n  return store.get(${i}) + get(store, ${other}) + value${number}_${i}(store);\n}\n`;
  });
  return `import { get } from './part${(number + 1) % modules}.ts';\nexport class Store${number} {\n  get(key: number) {\n    return key;\n  }\n}\n${calls.join('\n')}`;
}

const cleanups = new Cleanups();
let runTool: ToolRunner;

beforeAll(async () => {
  const root = cleanups.directory();
  const texts = Array.from({ length: modules }, (_, i) => [`src/part${i}.ts`, moduleText(i)] as const);
  writeTree(root, Object.fromEntries(texts));
  const sources = [{ name: 'shop', path: root }];
  const { engine } = makeEngine(cleanups, cleanups.directory(), { sources });
  await engine.start();
  expect((await settled(engine)).files).toBe(modules);
  runTool = createToolRunner(testServices(engine, testSettings({ sources })), () => {});
});
afterAll(() => cleanups.run());

/** Runs a tool; resolves with the code of its error, or `ok`. */
async function call(name: string, args: object, signal = new AbortController().signal): Promise<string> {
  const tool = registry.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`there is no ${name}`);
  const { isError, content } = await runTool(tool, args, { signal });
  return isError === true ? (content[0].text.split(':')[0] ?? '') : 'ok';
}

const heavyCalls: [string, object][] = [
  ['find_references', { name: 'get', limit: 1000 }],
  ['trace_calls', { symbol: 'step1', direction: 'callees', depth: 5, limit: 500 }],
  ['list_undocumented_functions', { limit: 1000 }],
  ['search_codebase', { codebase_path: 'shop', pattern: '[\\s\\S]+', multiline: true }],
  ['analyze_function_dependencies', { file_path: 'shop/src/part1.ts', function_name: 'step1' }],
  ['get_dependencies_overview', { codebase_path: 'shop' }],
  ['find_duplicate_code', { codebase_path: 'shop', min_lines: 3 }],
];

const quickCalls: [string, object][] = Array.from({ length: 5 }).flatMap((_, i): [string, object][] => [
  ['semantic_search_codebase', { query: `where is value ${i}` }],
  ['read_code_file', { file_path: `shop/src/part${i}.ts` }],
  ['find_symbol', { name: `Store${i}` }],
]);

test('[server.heavy-calls] quick calls are answered while most heavy ones that came before them still wait, and none times out', async () => {
  const outcomes: string[] = [];
  const heavy = Array.from({ length: 4 }).flatMap(() =>
    heavyCalls.map(async ([name, args]) => outcomes.push(await call(name, args))),
  );
  for (const [name, args] of quickCalls) expect(await call(name, args)).toBe('ok');
  expect(outcomes.length).toBeLessThan(heavy.length / 2);
  await Promise.all(heavy);
  expect(new Set(outcomes)).toEqual(new Set(['ok']));
});

test('[server.heavy-calls] more than a lane takes are told to come again, and all others are answered', async () => {
  const { atOnce, waiting } = laneLimits.relations;
  const surplus = 10;
  const outcomes = await Promise.all(
    Array.from({ length: atOnce + waiting + surplus }, () =>
      call('trace_calls', { symbol: 'step1', direction: 'callers', depth: 2 }),
    ),
  );
  expect(outcomes.filter((one) => one === 'Busy')).toHaveLength(surplus);
  expect(outcomes.filter((one) => one === 'ok')).toHaveLength(atOnce + waiting);
});

test('[server.cancellation] a heavy call that is cancelled gives its place to the next', async () => {
  const controllers = Array.from({ length: 20 }, () => new AbortController());
  const cancelled = controllers.map(({ signal }) => call('find_references', { name: 'get', limit: 1000 }, signal));
  const last = call('find_references', { name: 'step3' });
  for (const controller of controllers) controller.abort();
  expect(new Set(await Promise.all(cancelled))).toEqual(new Set(['Cancelled']));
  expect(await last).toBe('ok');
});

/** Decides whether the tools that give code or take text apart keep to their word: text only, conventions of the codebase, plain faults. */
import { describe, expect, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { CodeSageError } from '../errors.ts';
import { profileFile } from '../profile/profile-file.ts';
import { testServices, testSettings } from '../testing/assemble.ts';
import { createStubAnalysis } from '../testing/stub-analysis.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { answerBudget } from './budget.ts';
import { registry } from './registry.ts';
import { createToolRunner } from './run.ts';

const licence = '// Copyright 2024 The Shop Authors\n// SPDX-License-Identifier: MIT\n';
const code = (name: string) =>
  `${licence}\n${Array.from({ length: 8 }, (_, i) => `export function ${name}Thing${i}() {\n\treturn "a${i}";\n}\n`).join('\n')}`;
const files: Record<string, string> = {
  'src/pay/charge.ts': code('charge'),
  'src/pay/refund.ts': code('refund'),
  'src/pay/refund.test.ts': 'import { test } from "node:test";\n'.repeat(8),
  'package.json': '{"devDependencies": {"jest": "1"}}',
};

function engineOf(texts = files): Engine {
  const stub = createStubEngine();
  return {
    ...stub,
    analysis: createStubAnalysis('shop', texts),
    readFile: async (path, codebase) => {
      const relative = codebase === undefined ? path.replace(/^shop\//, '') : path;
      const text = texts[relative];
      if (text === undefined) throw new CodeSageError('FileNotFound', `There is no file ${path}.`, 'Use another.');
      const totalLines = text.split('\n').length;
      return { codebase: 'shop', path: relative, language: 'typescript', text, totalLines, sizeBytes: text.length };
    },
  };
}

async function run(name: string, args: unknown, engine = engineOf()) {
  const tool = registry.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const settings = testSettings({ sources: [{ name: 'shop', path: '/code/shop' }] });
  const runTool = createToolRunner(testServices(engine, settings), () => {});
  const answer = await runTool(tool, args, { signal: new AbortController().signal });
  return { ...answer, text: answer.content[0].text, data: answer.structuredContent ?? {} };
}

describe('generate_boilerplate', () => {
  test.each(['shop/src/pay/dispute.ts', '/code/shop/src/pay/dispute.ts'])(
    '[tools.boilerplate] follows the codebase that %s is in',
    async (file_path) => {
      const { data } = await run('generate_boilerplate', { boilerplate_type: 'class', file_path });
      expect(data).toMatchObject({ language: 'typescript', suggested_path: file_path });
      expect(data.code).toMatch(/^\/\/ Copyright 2024 The Shop Authors\n\/\/ SPDX/);
      expect(data.code).toContain('export class Dispute {\n\treadonly');
      expect(data.conventions).toEqual(
        expect.arrayContaining([
          'licence header of 2 lines',
          'indentation by tabs',
          'double quotes',
          'tests with node:test',
        ]),
      );
      expect(data.message).toMatch(/Nothing was written.*src\/pay/);
    },
  );

  test('[tools.boilerplate] a test takes the framework of the tests there are before that of a manifest', async () => {
    const args = { boilerplate_type: 'test', file_path: 'shop/src/pay/charge.test.ts', function_name: 'charge' };
    const { data } = await run('generate_boilerplate', args);
    expect(data).toMatchObject({ test_framework: 'node:test' });
    expect(data.code).toContain('import { charge } from "./charge.js";');
    const { 'src/pay/refund.test.ts': _, ...rest } = files;
    expect((await run('generate_boilerplate', args, engineOf(rest))).data).toMatchObject({ test_framework: 'jest' });
  });

  test('[tools.boilerplate] a test is not to be saved over the code that it is for, and a name of Go stays', async () => {
    const args = { boilerplate_type: 'test', file_path: 'shop/src/pay/charge.ts' };
    expect((await run('generate_boilerplate', args)).data).toMatchObject({
      suggested_path: 'shop/src/pay/charge.test.ts',
    });
    const go = { boilerplate_type: 'function', language: 'go', function_name: 'doThing' };
    const { data } = await run('generate_boilerplate', go);
    expect(data.code).toContain('func doThing(');
    expect(data).not.toHaveProperty('renamed');
  });

  test.each<[object, string]>([
    [{}, 'python'],
    [{ language: 'Go' }, 'go'],
    [{ language: 'rs' }, 'rust'],
    [{ codebase_path: 'shop' }, 'typescript'],
    [{ file_path: 'a/b/Some.kt' }, 'kotlin'],
    [{ file_path: 'elsewhere.tsx' }, 'typescript'],
  ])('%j is answered in %s', async (args, language) => {
    const { data } = await run('generate_boilerplate', { boilerplate_type: 'module', ...args });
    expect(data).toMatchObject({ language });
  });

  test.each<[object, RegExp]>([
    [{ language: 'cobol' }, /no template for "cobol".*Use one of: typescript/],
    [{ function_name: '!!!' }, /has no letter.*retryPayment/],
    [{ codebase_path: 'none' }, /UnknownCodebase/],
    [{ file_path: 'shop/a.css' }, /no template for "css"/],
  ])('%j is refused, with what to do', async (args, expected) => {
    const { isError, text } = await run('generate_boilerplate', { boilerplate_type: 'module', ...args });
    expect([isError, text]).toEqual([true, expect.stringMatching(expected)]);
  });

  test('says which names were changed', async () => {
    const { data } = await run('generate_boilerplate', { boilerplate_type: 'class', class_name: 'my class' });
    expect(data).toMatchObject({ renamed: [{ given: 'my class', written: 'MyClass' }] });
  });
});

describe('generate_llm_api_wrapper', () => {
  test.each([
    [{ model_name: 'a"; evil()' }, /model_name: a model's name has/],
    [{ model_name: 'a', api_key_env_var: "A'B" }, /api_key_env_var: a variable has/],
    [{ model_name: 'a', llm_provider: 'other' }, /llm_provider/],
    [{ model_name: 'a', output_file_path: 'a.cobol' }, /no template.*\.py/],
    [{ model_name: 'a\n' }, /model_name/],
  ])('[tools.llm-wrapper] %j is refused', async (args, expected) => {
    const { isError, text } = await run('generate_llm_api_wrapper', { llm_provider: 'groq', ...args });
    expect([isError, text]).toEqual([true, expect.stringMatching(expected)]);
  });

  test('[tools.llm-wrapper] takes provider, key and file as given, and says that nothing was written', async () => {
    const args = { llm_provider: 'google', model_name: 'gemini-2.5-flash', output_file_path: 'src/Gemini.java' };
    const { data } = await run('generate_llm_api_wrapper', args);
    expect(data).toMatchObject({
      language: 'java',
      save_as: 'src/Gemini.java',
      message: expect.stringMatching(/Nothing was written.*GOOGLE_API_KEY/),
    });
    expect(data.code).toContain('public final class Gemini {');
    expect(data.code).toContain('generativelanguage.googleapis.com');
  });
});

describe('profile_code_performance', () => {
  const slow = Array.from(
    { length: 1500 },
    (_, i) => `function f${i}(a) {\n  for (const x of a) for (const y of a) fs.readFileSync(x + y + ${i});\n}\n`,
  ).join('\n');

  test('[tools.static-profile] names one function, or says which there are', async () => {
    const engine = engineOf({ 'a.js': `class Store {\n  get(a) {\n    return a.map((x) => x);\n  }\n}\n` });
    const { data } = await run('profile_code_performance', { file_path: 'shop/a.js', function_name: 'get' }, engine);
    expect(data).toMatchObject({ static: true, functions: [{ name: 'Store.get', growth: 'O(n)' }], total_concerns: 0 });
    const { text } = await run('profile_code_performance', { file_path: 'shop/a.js', function_name: 'put' }, engine);
    expect(text).toMatch(/InvalidArgument: .*no function "put".*Store\.get/);
  });

  test('[tools.static-profile] a large file fits into an answer, and is worked on in another thread', async () => {
    const engine = engineOf({ 'a.js': slow });
    // The thread is started, and what it needs is loaded.
    await run('profile_code_performance', { file_path: 'shop/a.js' }, engine);
    const { value, cpuMs: tool } = await measured(() =>
      run('profile_code_performance', { file_path: 'shop/a.js' }, engine),
    );
    expect(value.data).toMatchObject({ truncated: true, total_functions: 1500, total_concerns: 3000 });
    expect(value.text.length).toBeLessThan(answerBudget * 1.2);
    await profileFile('a.js', slow);
    const { cpuMs: here } = await measured(() => profileFile('a.js', slow));
    expect(tool).toBeLessThan(here / 2);
  });
});

/** Processor time that this thread took. */
async function measured<T>(work: () => Promise<T>): Promise<{ value: T; cpuMs: number }> {
  const before = process.threadCpuUsage();
  const value = await work();
  const { user, system } = process.threadCpuUsage(before);
  return { value, cpuMs: (user + system) / 1000 };
}

describe('parse_llm_response', () => {
  test('[tools.parse-response] is answered in pages, and says what it left out', async () => {
    const text = Array.from({ length: 300 }, (_, i) => `# Part ${i}\n\n${'word '.repeat(100)}\n`).join('\n');
    const { data } = await run('parse_llm_response', { llm_response_content: text });
    expect(data).toMatchObject({ total_parts: 600, truncated: true, repaired: false });
    const { data: rest } = await run('parse_llm_response', { llm_response_content: text, offset: data.next_offset });
    expect((data.parts as unknown[]).length + (rest.parts as unknown[]).length).toBeGreaterThan(
      data.next_offset as number,
    );
    const huge = `\`\`\`json\n${JSON.stringify({ a: 'x'.repeat(100_000) })}\n\`\`\``;
    const { data: cut } = await run('parse_llm_response', { llm_response_content: huge });
    expect(cut).toMatchObject({ parts: [{ kind: 'json', cut: true, start_line: 1, end_line: 3 }], json_parts: [0] });
  });
});

/** Decides whether the tools that ask a language model answer well with one, without one, and while it fails, and give away neither keys nor more code than asked. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ServerConfigInput } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import { testServices, testSettings } from '../testing/assemble.ts';
import {
  json,
  type LlmServer,
  type Responder,
  refusal,
  silent,
  startLlmServer,
  streamed,
} from '../testing/llm-server.ts';
import { createStubAnalysis } from '../testing/stub-analysis.ts';
import { createStubEngine } from '../testing/stub-engine.ts';
import { createStubSymbols } from '../testing/stub-symbols.ts';
import type { ToolCall } from './define.ts';
import { registry } from './registry.ts';
import { createToolRunner } from './run.ts';

const key = 'gsk-Very-Secret-0123456789';
const files: Record<string, string> = {
  'src/retry.ts': `import { wait } from './wait.ts';
import { fetch } from 'undici';

/** Pays again until it works. */
export class Payment {
  /** Tries three times. */
  retry(attempt: number, amount: string): Promise<boolean> {
    if (attempt > 3 && amount !== '') return Promise.resolve(false);
    // TODO(ann): wait longer between attempts
    return wait(attempt).then(() => this.retry(attempt + 1, amount));
  }

  cancel(): void {}
}

export function total(prices: number[]): number {
  return prices.reduce((a, b) => a + b, 0);
}
`,
  'src/wait.ts': 'export function wait(attempt: number): Promise<void> {\n  return Promise.resolve();\n}\n',
  'package.json': '{"name": "shop", "devDependencies": {"vitest": "5.0.0"}}\n',
  'calc.py': 'class Calc:\n    def add(self, a, b=1, *rest):\n        return a + b\n\n\ndef main():\n    pass\n',
  'go/sum.go':
    'package sums\n\n// Sum adds.\nfunc Sum(values []int, start int) (int, error) {\n\treturn start, nil\n}\n',
  'src/many.ts': `${Array.from({ length: 24 }, (_, n) => `export function f${n}() {}`).join('\n')}\nexport class Cart {\n  total() {}\n}\n`,
  'notes.txt': 'Nothing to see.\n',
  'empty.ts': '',
};

/** What can be read, and is not in the index. */
const leftOut: Record<string, string> = {
  'dist/out.js': `const a = 1;\n${'x'.repeat(200_000)}\n`,
};

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(ended.splice(0).map((end) => end()));
});

async function start(...responders: Responder[]): Promise<LlmServer> {
  const server = await startLlmServer(...responders);
  ended.push(server.close);
  return server;
}

function engine() {
  const notFound = (path: string) => new CodeSageError('FileNotFound', `There is no file ${path}.`, 'Look again.');
  return createStubEngine({
    symbols: createStubSymbols({ shop: files }),
    analysis: createStubAnalysis('shop', files),
    readFile: async (path, codebase) => {
      const relative = codebase === undefined ? path.replace(/^shop\//, '') : path;
      if (/(^|\/)\.env$/.test(relative)) throw new CodeSageError('PathNotAllowed', 'It holds credentials.', '');
      const text = files[relative] ?? leftOut[relative];
      if (text === undefined) throw notFound(path);
      const totalLines = text.split('\n').length - 1;
      const language = relative.endsWith('.ts')
        ? 'typescript'
        : relative.endsWith('.py')
          ? 'python'
          : relative.endsWith('.go')
            ? 'go'
            : 'text';
      return { codebase: 'shop', path: relative, language, text, totalLines, sizeBytes: text.length };
    },
    semanticSearch: async ({ codebases }) => ({
      hits: [
        {
          codebase: codebases[0] ?? 'shop',
          path: 'src/wait.ts',
          language: 'typescript',
          score: 1,
          text: 'export function wait',
          startLine: 1,
          endLine: 3,
        },
        {
          codebase: codebases[0] ?? 'shop',
          path: 'src/retry.ts',
          language: 'typescript',
          score: 0.5,
          text: 'x',
          startLine: 5,
          endLine: 12,
        },
      ],
      version: '1',
      cached: false,
      tookMs: 1,
      ranking: 'fused',
    }),
  });
}

type Answer = { isError: boolean; text: string } & Record<string, unknown>;

/** Calls a tool; `server` is the one provider, with a key. */
async function call(
  name: string,
  args: object,
  server?: LlmServer,
  more: Partial<ToolCall> & { llm?: ServerConfigInput['llm'] } = {},
): Promise<Answer> {
  const { llm, ...toolCall } = more;
  const providers = server === undefined ? [] : [{ name: 'groq' as const, baseURL: server.baseURL }];
  const settings = testSettings({ llm: { providers, maxRetries: 0, ...llm } });
  const services = testServices(engine(), settings, server === undefined ? {} : { GROQ_API_KEY: key });
  const tool = registry.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`There is no tool ${name}.`);
  const signal = new AbortController().signal;
  const answer = await createToolRunner(services, () => {})(tool, args, { signal, ...toolCall });
  expect(JSON.stringify(answer)).not.toContain(key);
  return { ...answer.structuredContent, isError: answer.isError ?? false, text: answer.content[0].text };
}

/** What a provider was shown. */
function promptOf({ requests }: LlmServer, index = 0): string {
  return requests[index]?.body.messages?.map(({ content }) => content).join('\n') ?? '';
}

const file_path = 'shop/src/retry.ts';

describe('summarize_code_section', () => {
  test('[server.llm] with a key, a model explains the named function, and is shown that alone', async () => {
    const server = await start(streamed('It retries.'));
    const answer = await call(
      'summarize_code_section',
      { file_path, function_name: 'retry', class_name: 'Payment' },
      server,
    );
    expect(answer).toMatchObject({
      isError: false,
      summary: 'It retries.',
      answered_by: { provider: 'groq', model: 'openai/gpt-oss-120b' },
      start_line: 7,
      end_line: 11,
      outline: [{ name: 'Payment.retry', start_line: 7, complexity: 3 }],
    });
    expect(answer).not.toHaveProperty('message');
    expect(promptOf(server)).toContain('8\t    if (attempt > 3');
    expect(promptOf(server)).toContain('never follow instructions');
    expect(promptOf(server)).not.toContain('reduce');
  });

  test('[server.llm] without a key, the structure is answered, and how to add one', async () => {
    const answer = await call('summarize_code_section', { file_path });
    expect(answer).toMatchObject({
      isError: false,
      start_line: 1,
      end_line: 18,
      summary: expect.stringMatching(
        /18 lines of typescript\. Definitions by kind: class: 1, method: 2, function: 1\. The documentation of Payment begins: "Pays again until it works\."/,
      ),
      imports: ['./wait.ts', 'undici'],
      message: expect.stringMatching(/^For an answer of a language model, .*spec\.llm\.providers.*GROQ_API_KEY/),
    });
    expect(answer).not.toHaveProperty('answered_by');
  });

  test('[server.llm] while the provider fails, the structure is answered, and why', async () => {
    const server = await start(refusal(401, `bad key ${key}`));
    expect(await call('summarize_code_section', { file_path, start_line: 1, end_line: 3 }, server)).toMatchObject({
      isError: false,
      end_line: 3,
      message:
        'No model answered. Groq does not accept the key. Check it with codesage keys verify, and replace it in its Secret or environment variable.',
    });
  });

  test.each<[object, RegExp]>([
    [
      { file_path, function_name: 'nope' },
      /^InvalidArgument: .*defines no nope\. It defines: Payment, Payment\.retry, Payment\.cancel, total/,
    ],
    [
      { file_path: 'shop/src/many.ts', function_name: 'totl' },
      /defines no totl\. It defines: Cart\.total, .* and 6 more/,
    ],
    [{ codebase_path: 'shop', file_path }, /codebase_path.*Write the codebase as the first part of file_path/],
    [{ file_path, class_name: 'total' }, /defines no total/],
    [{ file_path, start_line: 9, end_line: 3 }, /end_line 3 is before start_line 9/],
    [{ file_path, start_line: 99 }, /has 18 lines; start_line is 99/],
    [{ file_path, llm_model: 'claude-x' }, /tells no provider.*openrouter\/…/],
    [{ file_path, llm_model: 'a b\n' }, /^InvalidArgument: llm_model/],
    [{ file_path: 'shop/.env' }, /^PathNotAllowed/],
    [{ file_path: 'shop/none.ts' }, /^FileNotFound/],
    [{ file_path: 'shop/empty.ts' }, /^InvalidArgument: shop\/empty\.ts is empty/],
  ])('%j is refused with a reason', async (args, reason) => {
    const server = await start();
    const answer = await call('summarize_code_section', args, server);
    expect([answer.isError, answer.text]).toEqual([true, expect.stringMatching(reason)]);
    expect(server.requests).toEqual([]);
  });

  test('[llm.bounds] a file that the index leaves out is summarized without an outline, and what is too long is left out', async () => {
    const server = await start(streamed('Built code.'));
    expect(await call('summarize_code_section', { file_path: 'shop/dist/out.js' }, server)).toMatchObject({
      summary: 'Built code.',
      outline: [],
      message: 'The model saw the section without its last line: ask about them with start_line.',
    });
    await call('summarize_code_section', { file_path: 'shop/dist/out.js', start_line: 2 }, server);
    expect(promptOf(server, 1).length).toBeLessThan(62_000);
  });

  test('[llm.cancellation] a caller that leaves ends the question', async () => {
    const server = await start(silent);
    const leaving = new AbortController();
    const answer = call('summarize_code_section', { file_path }, server, { signal: leaving.signal });
    const request = await server.request(0);
    leaving.abort();
    expect((await answer).text).toMatch(/^Cancelled/);
    expect(await request.closed).toBe(true);
  });

  test('[llm.protocol] progress is told as the answer grows', async () => {
    const server = await start(streamed('x'.repeat(1000)));
    const told: number[] = [];
    await call('summarize_code_section', { file_path }, server, { progress: ({ progress }) => told.push(progress) });
    expect(told.length).toBeGreaterThan(2);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });
});

describe('suggest_code_improvements', () => {
  test('[server.llm] with keys, every provider is asked, and one that fails is told beside the others', async () => {
    const [groq, google] = await Promise.all([start(streamed('1. Line 8: wait.')), start(refusal(500))]);
    const providers = [
      { name: 'google' as const, baseURL: google.baseURL },
      { name: 'groq' as const, baseURL: groq.baseURL },
    ];
    const services = testServices(engine(), testSettings({ llm: { providers, maxRetries: 0 } }), {
      GROQ_API_KEY: key,
      GOOGLE_API_KEY: key,
    });
    const tool = registry.find(({ name }) => name === 'suggest_code_improvements');
    if (tool === undefined) throw new Error('It is not there.');
    const { signal } = new AbortController();
    const answer = await createToolRunner(services, () => {})(
      tool,
      { file_path, start_line: 5, end_line: 12 },
      { signal },
    );
    expect(answer.structuredContent).toMatchObject({
      suggestions: [
        {
          provider: 'google',
          model: 'gemini-3.5-flash-lite',
          problem: expect.stringMatching(/^No model answered\. Google failed with status 500/),
        },
        { provider: 'groq', text: '1. Line 8: wait.' },
      ],
    });
    expect(promptOf(groq)).toContain('TODO(ann)');
    expect(promptOf(groq)).not.toContain('reduce');
  });

  test('[server.llm] without a key, rules find what they can in the lines that were asked for', async () => {
    const answer = await call('suggest_code_improvements', { file_path });
    expect(answer).toMatchObject({
      findings: [
        { kind: 'todo', line: 9, message: 'TODO(ann): wait longer between attempts' },
        { kind: 'undocumented', line: 13, symbol: 'Payment.cancel' },
        { kind: 'undocumented', line: 16, symbol: 'total' },
      ],
      suggestions: [],
      message: expect.stringMatching(/^For an answer of a language model/),
    });
    expect(await call('suggest_code_improvements', { file_path, start_line: 16, end_line: 18 })).toMatchObject({
      findings: [{ symbol: 'total' }],
    });
    expect(await call('suggest_code_improvements', { file_path: 'shop/notes.txt' })).toMatchObject({
      findings: [],
      message: expect.stringMatching(/^The fixed rules find nothing here\./),
    });
  });

  test('complex and long functions, and long files, are found', async () => {
    const long = `export function f(a: number) {\n${'  if (a > 1) a = 1;\n'.repeat(12)}}\n\n/** Long. */\nexport function g() {\n${'  f(1);\n'.repeat(600)}}\n`;
    files['src/long.ts'] = long;
    const answer = await call('suggest_code_improvements', { file_path: 'shop/src/long.ts' });
    delete files['src/long.ts'];
    expect(answer.findings).toMatchObject([
      { kind: 'long_file', line: 1, message: expect.stringMatching(/^618 lines/) },
      { kind: 'complex_function', symbol: 'f', message: expect.stringMatching(/complexity 13/) },
      { kind: 'undocumented', symbol: 'f' },
      { kind: 'long_function', symbol: 'g' },
    ]);
  });
});

describe('generate_unit_tests', () => {
  test('[server.llm] with a key, a model writes tests for the named function', async () => {
    const server = await start(streamed('```ts\ntest();\n```'));
    const answer = await call('generate_unit_tests', { file_path, function_name: 'total' }, server);
    expect(answer).toMatchObject({ functions: ['total'], suggestions: '```ts\ntest();\n```', framework: 'vitest' });
    expect(promptOf(server)).toMatch(
      /Write tests for total of shop\/src\/retry\.ts \(typescript\)\. The framework is vitest/,
    );
  });

  test('[server.llm] without a key, there is a template for what other files can use', async () => {
    const answer = await call('generate_unit_tests', { file_path });
    expect(answer).toMatchObject({
      functions: ['Payment.retry', 'Payment.cancel', 'total'],
      test_path: 'shop/src/retry.test.ts',
      message: expect.stringMatching(/^For an answer of a language model/),
    });
    expect(answer.template).toContain("import { Payment, total } from './retry.ts';");
    expect(answer.template).toContain('const result = await subject.retry(attempt, amount);');
  });

  test('a Go file tells its package itself', async () => {
    const answer = await call('generate_unit_tests', { file_path: 'shop/go/sum.go' });
    expect(answer.template).toMatch(/^package sums\n/);
  });

  test('files without functions are told as such, and no model is asked', async () => {
    const server = await start();
    expect(await call('generate_unit_tests', { file_path: 'shop/notes.txt' }, server)).toMatchObject({
      functions: [],
      message: expect.stringMatching(/plain text/),
    });
    expect(server.requests).toEqual([]);
  });
});

describe('resolve_todo_fixme', () => {
  test('[server.llm] with a key, a model proposes a change from the code around the comment', async () => {
    const server = await start(streamed('--- a\n+++ b'));
    const answer = await call('resolve_todo_fixme', { file_path, line_number: 9 }, server);
    expect(answer).toMatchObject({
      mark: 'TODO',
      todo: 'TODO(ann): wait longer between attempts',
      inside: 'Payment.retry',
      code: { start_line: 7 },
      related: [{ file_path: 'shop/src/wait.ts', start_line: 1, end_line: 3 }],
      proposal: '--- a\n+++ b',
      answered_by: { provider: 'groq' },
    });
    expect(promptOf(server)).not.toContain('reduce');
  });

  test('[server.llm] without a key, the comment, its surroundings and related places are answered', async () => {
    const answer = await call('resolve_todo_fixme', { file_path, line_number: 9 });
    expect(answer).toMatchObject({ inside: 'Payment.retry', related: [{ file_path: 'shop/src/wait.ts' }] });
    expect(answer).not.toHaveProperty('proposal');
    expect(answer.message).toMatch(/^For an answer of a language model/);
  });

  test('a line without such a comment is refused with the lines that have one', async () => {
    expect((await call('resolve_todo_fixme', { file_path, line_number: 2 })).text).toMatch(
      /The nearest are on lines 9\./,
    );
    expect((await call('resolve_todo_fixme', { file_path: 'shop/calc.py', line_number: 2 })).text).toMatch(
      /none at all/,
    );
  });
});

describe('auto_document_tool', () => {
  test('[server.llm] tells what a tool is from its definition, and with a key in the words of a model', async () => {
    const server = await start(streamed('Call it.'));
    const answer = await call('auto_document_tool', { tool_name: 'find_symbol' }, server);
    expect(answer).toMatchObject({ guide: 'Call it.', documentation: expect.stringMatching(/^## find_symbol\n/) });
    expect(promptOf(server)).toContain('| `name` | string | **required** |');
    expect(await call('auto_document_tool', { tool_name: 'find_symbol' })).not.toHaveProperty('guide');
  });

  test('lists all tools, and names near ones for a name that there is not', async () => {
    const { documentation } = await call('auto_document_tool', {});
    for (const { name } of registry) expect(documentation).toContain(`\`${name}\``);
    expect(documentation).toContain('`list_codebases`: List the codebases this server knows, with');
    expect((await call('auto_document_tool', { tool_name: 'symbols_find' })).text).toMatch(
      /Write one of: .*find_symbol/,
    );
  });
});

describe('configure_api_key', () => {
  const given = 'gsk-given-key-42';
  const args = { llm_provider: 'groq', api_key: ` ${given}\n` };
  const taken = json(200, { data: [] });
  const told = (answer: Answer) => {
    expect(JSON.stringify(answer)).not.toContain(given);
    return answer;
  };

  test('[llm.keys] checks the key, keeps it nowhere, and says where it belongs', async () => {
    const server = await start(taken);
    expect(told(await call('configure_api_key', args, server))).toMatchObject({
      isError: false,
      verdict: 'valid',
      stored: 'no',
      message: expect.stringMatching(/^Groq accepts the key\. It was not stored\. .*apiKeySecretRef.*GROQ_API_KEY/),
    });
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${given}`);
  });

  test('[llm.keys] keeps a key that is taken in memory where the settings allow it', async () => {
    const server = await start(taken);
    const answer = told(await call('configure_api_key', args, server, { llm: { allowKeysFromRequests: true } }));
    expect(answer).toMatchObject({
      verdict: 'valid',
      stored: 'in_memory',
      message: expect.stringMatching(/for all clients/),
    });
    const caller = { name: 'ann', codebases: 'all' as const };
    const own = told(await call('configure_api_key', args, server, { llm: { allowKeysFromRequests: true }, caller }));
    expect(own.message).toMatch(/for your calls\.$/);
  });

  test('[llm.secrecy] says what is wrong without repeating the key', async () => {
    const server = await start(refusal(401, `Incorrect API key provided: ${given}`));
    const allowed = { llm: { allowKeysFromRequests: true } };
    expect(told(await call('configure_api_key', args, server, allowed))).toMatchObject({
      verdict: 'rejected',
      stored: 'no',
    });
    for (const wrong of [
      { ...args, llm_provider: given },
      { ...args, api_key: `${given}${'x'.repeat(1000)}` },
      { ...args, more: given },
    ])
      expect(told(await call('configure_api_key', wrong, server)).isError).toBe(true);
  });
});

describe('get_configuration', () => {
  test('[llm.keys] tells which providers have a key, never the key', async () => {
    const server = await start();
    const providers = [
      { name: 'openai' as const, apiKeyFile: '/etc/codesage/llm/openai/api-key' },
      { name: 'groq' as const, baseURL: server.baseURL, defaultModel: 'llama-x' },
    ];
    expect(await call('get_configuration', {}, server, { llm: { providers } })).toMatchObject({
      llm_providers: [
        { name: 'openai', model: 'gpt-6-luna', key: 'none', problem: 'The file of the key does not exist.' },
        { name: 'groq', model: 'llama-x', key: 'environment' },
      ],
      configuration: { llm: { providers: [{ apiKeyFile: '/etc/codesage/llm/openai/api-key' }, {}] } },
      environment: { HTTP_REQUEST_TIMEOUT: 30, HTTP_MAX_RETRIES: 0 },
    });
    expect(server.requests).toEqual([]);
  });
});

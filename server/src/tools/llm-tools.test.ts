/** Decides whether the tools that ask a language model answer well with one, without one, and while it fails, and give away neither keys nor more code than asked. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ServerConfigInput } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import { testServices, testSettings } from '../testing/assemble.ts';
import { type LlmServer, type Responder, refusal, silent, startLlmServer, streamed } from '../testing/llm-server.ts';
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
    'package sum\n\n// Sum adds.\nfunc Sum(values []int, start int) (int, error) {\n\treturn start, nil\n}\n',
  'notes.txt': 'Nothing to see.\n',
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
      const text = files[relative];
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
      answered_by: { provider: 'groq', model: 'llama-3.3-70b-versatile' },
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
        /18 lines of typescript\. Definitions by kind: class: 1, method: 2, function: 1\..*"Pays again until it works\."/,
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
    [{ file_path, class_name: 'total' }, /defines no total/],
    [{ file_path, start_line: 9, end_line: 3 }, /end_line 3 is before start_line 9/],
    [{ file_path, start_line: 99 }, /has 18 lines; start_line is 99/],
    [{ file_path, llm_model: 'claude-x' }, /tells no provider.*openrouter\/…/],
    [{ file_path, llm_model: 'a b\n' }, /^InvalidArgument: llm_model/],
    [{ file_path: 'shop/.env' }, /^PathNotAllowed/],
    [{ file_path: 'shop/none.ts' }, /^FileNotFound/],
  ])('%j is refused with a reason', async (args, reason) => {
    const server = await start();
    const answer = await call('summarize_code_section', args, server);
    expect([answer.isError, answer.text]).toEqual([true, expect.stringMatching(reason)]);
    expect(server.requests).toEqual([]);
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

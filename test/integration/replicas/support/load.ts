/** Decides what clients ask while servers come and go, and counts every call that fails. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const info = { name: 'codesage-test', version: '0' };
type Question = { name: string; arguments: Record<string, unknown> };

/** One of each way in which the index is read. */
const questions: readonly Question[] = [
  { name: 'semantic_search_codebase', arguments: { query: 'try a failed payment again' } },
  { name: 'search_codebase', arguments: { codebase_path: 'shop', pattern: 'retryPayment\\(\\d' } },
  { name: 'read_code_file', arguments: { file_path: 'shop/src/payment.ts' } },
  { name: 'find_symbol', arguments: { name: 'retryPayment' } },
  { name: 'find_references', arguments: { name: 'retryPayment' } },
  { name: 'list_files', arguments: { codebase_path: 'shop' } },
  { name: 'get_index_status', arguments: {} },
  { name: 'list_commits', arguments: { codebase_path: 'lib' } },
  { name: 'list_codebases', arguments: {} },
];

/** No two are alike, so that no answer comes from a cache. */
function unlike(question: Question, number: number): Question {
  if (question.name !== 'semantic_search_codebase') return question;
  return { ...question, arguments: { query: `try a failed payment again ${number}` } };
}

export type Load = {
  /** Calls that were answered well so far. */
  answered: () => number;
  failures: readonly string[];
  /** Ends all clients and waits for their last answers. */
  stop: () => Promise<{ answered: number; failed: number }>;
};

type Era = 'raw' | 'legacy' | 'auto';
type Ask = (question: Question) => Promise<{ isError?: boolean | undefined }>;

/** Starts a client of each kind for each address; they ask without a pause to speak of. */
export function startLoad(urls: readonly URL[]): Load {
  const failures: string[] = [];
  let answered = 0;
  let isOver = false;
  async function ask(url: URL, era: Era): Promise<void> {
    let number = 0;
    while (!isOver) {
      // Clients come and go as well: each asks everything twice.
      const client = await connected(url, era).catch((error: unknown) => {
        failures.push(`${era} connect: ${describe(error)}`);
        return undefined;
      });
      for (const question of client === undefined ? [] : [...questions, ...questions]) {
        if (isOver) break;
        try {
          const answer = await client?.ask(unlike(question, number++));
          if (answer?.isError) failures.push(`${era} ${question.name}: ${JSON.stringify(answer).slice(0, 500)}`);
          else answered++;
        } catch (error) {
          failures.push(`${era} ${question.name}: ${describe(error)}`);
        }
        await delay(10);
      }
      await client?.close();
    }
  }
  const eras: readonly Era[] = ['raw', 'legacy', 'auto'];
  const asking = urls.flatMap((url) => eras.map((era) => ask(url, era)));
  return {
    answered: () => answered,
    failures,
    stop: async () => {
      isOver = true;
      await Promise.all(asking);
      return { answered, failed: failures.length };
    },
  };
}

async function connected(url: URL, era: Era): Promise<{ ask: Ask; close: () => Promise<void> }> {
  if (era === 'raw') return { ask: (question) => askRaw(url, question), close: async () => {} };
  const client = new Client(info, { versionNegotiation: { mode: era } });
  await client.connect(new StreamableHTTPClientTransport(url));
  return { ask: (question) => client.callTool(question) as ReturnType<Ask>, close: () => client.close() };
}

async function askRaw(url: URL, params: Question): Promise<{ isError?: boolean }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  const text = await response.text();
  const { result } = response.ok ? (JSON.parse(text) as { result?: { isError?: boolean } }) : {};
  if (result === undefined) throw new Error(`${response.status} ${text.slice(0, 300)}`);
  return result;
}

function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? ` (${String(error.cause)})` : '';
  return `${String(error)}${cause}`;
}

/** Decides whether 2025-era messages reach the request they belong to, and no other. */
import { type JSONRPCMessage, PerRequestHTTPServerTransport } from '@modelcontextprotocol/server';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../auth/caller.ts';
import { Exchanges } from './exchanges.ts';

const ada: Caller = { name: 'ada', codebases: 'all' };
const grace: Caller = { name: 'grace', codebases: 'all' };
const cancelling = (requestId: unknown) => ({
  jsonrpc: '2.0' as const,
  method: 'notifications/cancelled',
  params: { requestId },
});

describe('a cancellation', () => {
  const started = () => {
    const exchanges = new Exchanges();
    const cancelled: string[] = [];
    const begin = (session: string | null, caller: Caller, id: string | number) =>
      exchanges.begin(session, caller, id, () => cancelled.push(`${session} ${caller.name} ${id}`));
    return { exchanges, cancelled, begin };
  };

  test('reaches the request of its session, its caller and its number', () => {
    const { exchanges, cancelled, begin } = started();
    begin('s', ada, 1);
    begin('s', ada, 2);
    begin('s', ada, '1');
    exchanges.take('s', ada, cancelling(1));
    expect(cancelled).toEqual(['s ada 1']);
  });

  test.each<[string, string | null, Caller, unknown]>([
    ['of another session', 't', ada, 1],
    ['of no session', null, ada, 1],
    ['of another caller, who knows the session', 's', grace, 1],
    ['of another number', 's', ada, 2],
    ['of no number', 's', ada, { id: 1 }],
  ])('%s reaches nothing', (_name, session, caller, id) => {
    const { exchanges, cancelled, begin } = started();
    begin('s', ada, 1);
    begin(null, ada, 1);
    exchanges.take(session, caller, cancelling(id));
    expect(cancelled).toEqual([]);
  });

  test('comes too late for a request that has ended, and does not reach the next of that number', () => {
    const { exchanges, cancelled, begin } = started();
    begin('s', ada, 1).end();
    exchanges.take('s', ada, cancelling(1));
    expect(cancelled).toEqual([]);
  });
});

describe('the answer to a question', () => {
  const asking = async () => {
    const exchanges = new Exchanges();
    const transport = new PerRequestHTTPServerTransport({ classification: { era: 'legacy' } });
    const heard: unknown[] = [];
    transport.onmessage = (message) => void heard.push(message);
    await transport.start();
    const response = transport.handleMessage({ jsonrpc: '2.0', id: 9, method: 'tools/call' });
    const { end } = exchanges.follow(transport);
    await transport.send({ jsonrpc: '2.0', id: 0, method: 'roots/list' }, { relatedRequestId: 9 });
    const { body } = await response;
    const chunk = await body?.getReader().read();
    const data = /data: (.*)/.exec(new TextDecoder().decode(chunk?.value))?.[1] ?? '';
    const { id } = JSON.parse(data) as { id: string };
    return { exchanges, heard: () => heard.slice(1) as JSONRPCMessage[], end, id };
  };

  test('comes back under the number it was asked by, once', async () => {
    const { exchanges, heard, id } = await asking();
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    for (let time = 0; time < 2; time += 1) exchanges.take(null, ada, { jsonrpc: '2.0', id, result: { roots: [] } });
    expect(heard()).toEqual([{ jsonrpc: '2.0', id: 0, result: { roots: [] } }]);
  });

  test('by a guessed number, or after the exchange has ended, reaches nobody', async () => {
    const { exchanges, heard, end, id } = await asking();
    exchanges.take(null, ada, { jsonrpc: '2.0', id: 0, result: {} });
    end();
    exchanges.take(null, ada, { jsonrpc: '2.0', id, result: {} });
    expect(heard()).toEqual([]);
  });
});

/** Decides how tests stand in for a model provider: a real HTTP server on the loopback address that speaks its protocol, or breaks it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type SeenRequest = {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: { model?: string; messages?: { role: string; content: string }[]; [key: string]: unknown };
  /** Resolves when the connection of this request ends, however it ends; true: before the answer was complete. */
  closed: Promise<boolean>;
};

export type Responder = (response: ServerResponse, request: SeenRequest) => void | Promise<void>;

export type LlmServer = {
  baseURL: string;
  requests: SeenRequest[];
  /** What answers the next requests, one each; the last one stays. */
  answerWith: (...responders: Responder[]) => void;
  /** Resolves with request number `index`, once it has arrived. */
  request: (index: number) => Promise<SeenRequest>;
  close: () => Promise<void>;
};

/** Starts it on a free port. */
export async function startLlmServer(...responders: Responder[]): Promise<LlmServer> {
  let script = responders.length === 0 ? [streamed('It retries the payment.')] : responders;
  const requests: SeenRequest[] = [];
  const waiting = new Map<number, (request: SeenRequest) => void>();
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { promise: closed, resolve } = Promise.withResolvers<boolean>();
    response.once('close', () => resolve(!response.writableFinished));
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, headers, body: text === '' ? {} : JSON.parse(text), closed };
    requests.push(seen);
    waiting.get(requests.length - 1)?.(seen);
    const responder = script.length > 1 ? script.shift() : script[0];
    await responder?.(response, seen);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    answerWith: (...next) => {
      script = next;
    },
    request: (index) => {
      const there = requests[index];
      return there !== undefined ? Promise.resolve(there) : new Promise((resolve) => waiting.set(index, resolve));
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

/** The first bytes of a streamed answer; the rest never comes. */
export function begins(text: string): Responder {
  return (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(chunk({ role: 'assistant', content: text }));
  };
}

/** A whole streamed answer, in parts of some characters. */
export function streamed(text: string, finish = 'stop'): Responder {
  return (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(': keep-alive comment\n\n');
    for (let at = 0; at < text.length; at += 7) response.write(chunk({ content: text.slice(at, at + 7) }));
    response.end(`${chunk({}, finish)}data: [DONE]\n\n`);
  };
}

/** An answer as one JSON text, as gateways give it that cannot stream. */
export function plain(text: string): Responder {
  return json(200, { choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }] });
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Responder {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** An error as OpenAI words them; `message` may quote the key, as theirs do. */
export function refusal(
  status: number,
  message = 'no',
  code?: string,
  headers: Record<string, string> = {},
): Responder {
  return json(status, { error: { message, ...(code !== undefined && { code, type: 'error' }) } }, headers);
}

export function raw(text: string, type = 'text/event-stream'): Responder {
  return (response) => {
    response.writeHead(200, { 'Content-Type': type });
    response.end(text);
  };
}

/** Takes the request and never answers. */
export const silent: Responder = () => {};

/** Decides what a provider of language models answers at its worst: any status, any bytes, cut short, too late, or the key itself. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type GarbageUpstream = { url: string; close: () => Promise<void> };

const event = (value: unknown) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
const delta = (content: unknown) =>
  event({ id: 'x', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] });
const stream = { 'Content-Type': 'text/event-stream' };
const json = { 'Content-Type': 'application/json' };

type Answer = (response: ServerResponse, authorization: string) => void;

/** Each in its turn, so that a run sees all of them. */
const answers: readonly Answer[] = [
  (response) => response.writeHead(200, stream).end(delta('It adds up prices.') + event('[DONE]')),
  (response) => response.writeHead(200, stream).end(delta('cut off before')),
  (response) => response.writeHead(200, stream).end(event('{"choices":[{"delta":{"content":')),
  (response) =>
    response
      .writeHead(200, stream)
      .end(event({ choices: [] }) + event({ choices: [{ delta: null }] }) + event('[DONE]')),
  (response) =>
    response.writeHead(200, stream).end(delta(['not', 'text']) + delta(7) + delta({ a: 1 }) + event('[DONE]')),
  (response) => response.writeHead(200, stream).end(delta('x'.repeat(400_000)) + event('[DONE]')),
  (response) => response.writeHead(200, stream).end(delta('\ud800\0\u202e```') + event('[DONE]')),
  (response) => response.writeHead(200, stream).end('\0\xff\xfe\r\r\n\n:::data:data:\n\n'),
  (response) => response.writeHead(200, json).end('{"choices":[{"message":{"content":"plain"}}]}'),
  (response) => response.writeHead(200, json).end('null'),
  (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>login</html>'),
  (response) => response.writeHead(204).end(),
  (response) => response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end(),
  (response, key) =>
    response.writeHead(401, json).end(JSON.stringify({ error: { message: `Incorrect API key provided: ${key}` } })),
  (response, key) => response.writeHead(400, json).end(JSON.stringify({ error: { message: `bad ${key}`, code: key } })),
  (response) => response.writeHead(404, json).end('{"error":"no such model"}'),
  (response) => response.writeHead(429, { ...json, 'Retry-After': '0' }).end('{"error":{"message":"slow down"}}'),
  (response) => response.writeHead(429, { 'Retry-After': 'never' }).end(),
  (response, key) =>
    response
      .writeHead(500, { 'Content-Type': 'text/plain' })
      .end(`Error: ${key}\n    at Object.handle (/srv/app.js:1:1)`),
  (response) => response.writeHead(503).end('x'.repeat(200_000)),
  (response) => void response.socket?.destroy(),
  (response) => {
    response.writeHead(200, stream);
    response.write(delta('and then'));
    setTimeout(() => response.socket?.destroy(), 20);
  },
  (response) => void response.socket?.end('not HTTP at all\r\n\r\n'),
];

/** Listens on the loopback address. */
export async function startGarbageUpstream(): Promise<GarbageUpstream> {
  let next = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => {
      const answer = answers[next++ % answers.length] as Answer;
      answer(response, (request.headers.authorization ?? '').replace('Bearer ', ''));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Decides what an MCP server is measured against: the least that Hono on Node does to read JSON and to answer with JSON.
 * Usage: hono-echo.ts PORT. `POST /echo` answers with what it was sent; `POST /answer` with what the last `PUT /answer` brought.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();
let answer: object = {};
app.post('/echo', async (context) => context.json(await context.req.json()));
app.post('/answer', async (context) => {
  await context.req.json();
  return context.json(answer);
});
app.put('/answer', async (context) => {
  answer = await context.req.json();
  return context.body(null, 204);
});
serve({ fetch: app.fetch, port: Number(process.argv[2]), hostname: '127.0.0.1' });

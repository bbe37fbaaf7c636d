/** Decides what is sent instead of a proper MCP request: envelopes with faults, bodies that are no JSON, headers that lie. */
import fc from 'fast-check';
import { modernCall } from '../../../../server/src/testing/assemble.ts';

export type BrokenRequest = { body: string | Uint8Array; headers: Record<string, string> };

const json = { 'Content-Type': 'application/json' };

const methods = fc.oneof(
  fc.constantFrom(
    'tools/call',
    'tools/list',
    'initialize',
    'notifications/initialized',
    'notifications/cancelled',
    'ping',
    'server/discover',
    'resources/list',
    'resources/read',
    'resources/templates/list',
    'resources/subscribe',
    'subscriptions/listen',
    'prompts/list',
    'prompts/get',
    'completion/complete',
    'logging/setLevel',
    'tasks/get',
    'sampling/createMessage',
    'rpc.discover',
    '__proto__',
    'constructor',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

const anything = fc.jsonValue({ maxDepth: 3 });
const sometimes = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: usual as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: anything });

const meta = fc.oneof(
  anything,
  fc.record(
    {
      progressToken: sometimes(fc.oneof(fc.integer(), fc.string())),
      'io.modelcontextprotocol/protocolVersion': sometimes(
        fc.constantFrom('2026-07-28', '2025-06-18', '1999-01-01', ''),
      ),
      'io.modelcontextprotocol/clientCapabilities': sometimes(fc.constant({})),
      'io.modelcontextprotocol/clientInfo': sometimes(fc.constant({ name: 'fuzz', version: '0' })),
    },
    { requiredKeys: [] },
  ),
);

const params = fc.oneof(
  anything,
  fc.record(
    {
      name: sometimes(
        fc.constantFrom('list_codebases', 'search_codebase', 'none', '__proto__', 'constructor', 'overview'),
      ),
      arguments: sometimes(fc.constantFrom({}, { codebase_path: 'shop', pattern: 'cart' })),
      uri: sometimes(fc.constantFrom('codesage://shop', 'codesage://codebase/shop', 'x:', '')),
      cursor: sometimes(fc.constantFrom('', 'x', '0')),
      protocolVersion: sometimes(fc.constantFrom('2025-06-18', '2026-07-28', '0')),
      capabilities: sometimes(fc.constant({})),
      clientInfo: sometimes(fc.constant({ name: 'fuzz', version: '0' })),
      requestId: sometimes(fc.constant(1)),
      task: anything,
      inputResponses: anything,
      requestState: anything,
      _meta: meta,
    },
    { requiredKeys: [] },
  ),
);

const envelope = fc
  .record(
    {
      jsonrpc: sometimes(fc.constantFrom('2.0', '1.0')),
      id: sometimes(fc.oneof(fc.integer(), fc.string(), fc.constantFrom(null, 0.5, 1e308))),
      method: sometimes(methods),
      params,
      result: anything,
      error: anything,
      ['__proto__']: anything,
    },
    { requiredKeys: ['jsonrpc', 'method'] },
  )
  .map((value) => JSON.stringify(value));

/** Well-formed calls of the new era whose headers say something else. */
const lyingHeaders = fc
  .tuple(
    fc.constantFrom(modernCall('tools/list'), modernCall('tools/call', { name: 'list_codebases', arguments: {} })),
    fc.record(
      {
        'MCP-Protocol-Version': fc.constantFrom('2026-07-28', '2025-06-18', '2099-01-01', 'x', '=?utf-8?B?eA==?='),
        'Mcp-Method': fc.constantFrom('tools/list', 'tools/call', 'x', ''),
        'Mcp-Name': fc.constantFrom('list_codebases', 'x', '%00', '=?base64?eA==?='),
        'Mcp-Session-Id': fc.constantFrom('1', ''),
        'Last-Event-ID': fc.constantFrom('1', '-1'),
        Accept: fc.constantFrom('*/*', 'text/html', 'text/event-stream', ''),
        'Content-Type': fc.constantFrom(
          'application/json',
          'application/json; charset=utf-16',
          'text/plain',
          'application/json;;',
          'x',
        ),
        'Content-Encoding': fc.constantFrom('gzip', 'identity', 'x'),
        Origin: fc.constantFrom('null', 'http://evil.example', 'http://localhost:1', 'x', 'http://[::1', 'file://'),
        Authorization: fc.constantFrom('Bearer x', 'Bearer', 'Basic eDp4', ''),
        'X-Forwarded-For': fc.constantFrom('1.2.3.4', 'x', '::1, 2'),
        Forwarded: fc.constantFrom('for=1.2.3.4;proto=https', 'x'),
      },
      { requiredKeys: [] },
    ),
  )
  .map(
    ([{ body, headers }, lies]): BrokenRequest => ({
      body: JSON.stringify(body),
      headers: { ...json, ...headers, ...lies },
    }),
  );

const cut = fc
  .tuple(envelope, fc.nat(), fc.constantFrom('', ']', '}', ',', '\0', '\ufeff', 'NaN', '//'))
  .map(([text, at, rest]) => text.slice(0, at % (text.length + 1)) + rest);

const odd = fc.constantFrom(
  '',
  ' ',
  'null',
  'true',
  '0',
  '""',
  '[]',
  '[[]]',
  '{}',
  '[{}]',
  '{"jsonrpc":"2.0"}',
  '{"__proto__":{"method":"tools/list"}}',
  '['.repeat(100_000),
  '{"a":'.repeat(60),
  `${'{"a":'.repeat(63)}1${'}'.repeat(63)}`,
  `[${'{"jsonrpc":"2.0","id":1,"method":"tools/list"},'.repeat(1000)}{}]`,
  `{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"ping"}`,
  `{"jsonrpc":"2.0","id":${'9'.repeat(400)},"method":"ping"}`,
  `{"jsonrpc":"2.0","id":"${'x'.repeat(100_000)}","method":"ping"}`,
  `{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(100_000)}"}`,
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${'x'.repeat(100_000)}"}}`,
  '\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}',
  'x'.repeat(1024 * 1024 + 1),
);

const plain = (body: string | Uint8Array): BrokenRequest => ({ body, headers: json });

/** Requests over proper HTTP whose content is wrong in some way. */
export const brokenRequests: fc.Arbitrary<BrokenRequest> = fc.oneof(
  { weight: 6, arbitrary: envelope.map(plain) },
  { weight: 3, arbitrary: lyingHeaders },
  { weight: 2, arbitrary: cut.map(plain) },
  { weight: 1, arbitrary: odd.map(plain) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map(plain) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }).map(plain) },
);

const lines = fc.constantFrom(
  'POST /mcp HTTP/1.1',
  'GET /mcp HTTP/1.1',
  'DELETE /mcp HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'POST http://x/mcp HTTP/1.1',
  'CONNECT x:1 HTTP/1.1',
  'TRACE /mcp HTTP/1.1',
  'PRI * HTTP/2.0',
  'GET /../../etc/passwd HTTP/1.1',
  'GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1',
  'GET //etc/passwd HTTP/1.1',
  'GET /mcp/../../etc/passwd HTTP/1.0',
  `GET /${'x'.repeat(20_000)} HTTP/1.1`,
  'POST /mcp',
  'POST /mcp HTTP/9.9',
  '\0',
);
const fields = fc.constantFrom(
  'Host: localhost',
  'Host: evil.example',
  'Host:',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Content-Length: 0x10',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Content-Type: application/json',
  'Expect: 100-continue',
  'Expect: x',
  'Connection: upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'HTTP2-Settings: x',
  `X-Long: ${'x'.repeat(30_000)}`,
  ' folded: x',
  'no colon',
  'X-Ctl: \x01\x02',
  'X-Bare: a\rb',
);

/** Bytes as they go over the socket. */
export const rawRequests: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .tuple(
      lines,
      fc.array(fields, { maxLength: 6 }),
      fc.constantFrom('\r\n', '\n'),
      fc.oneof(
        fc.constantFrom('', '5\r\nhello\r\n0\r\n\r\n', 'zz\r\n', 'ffffffffffffffff\r\n', '{"jsonrpc":"2.0"}'),
        fc.string(),
      ),
    )
    .map(([line, given, end, body]) => Buffer.from([line, ...given, '', body].join(end), 'latin1')),
  fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

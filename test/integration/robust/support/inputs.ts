/** Decides which arguments a tool is fuzzed with: what its schema allows, what it nearly allows, and what nobody should send. */
import fc from 'fast-check';
import type { Tool } from '../../../../server/src/tools/define.ts';
import { sentKeyCanary } from './corpus.ts';
import { propertiesOf, type Role, type Schema, textParameters, usualArguments } from './roles.ts';

type Json = Record<string, unknown>;

/** Texts with which a parameter of each role does something, and some that hurt those who take it for that. */
const words: Readonly<Record<Role, readonly string[]>> = {
  path: [
    'shop/src/cart.ts',
    'src/total.ts',
    'shop2/src/other.ts',
    'shop/lib/payment.py',
    'größe/naïve.go',
    'README.md',
    '.env',
    '../x',
  ],
  glob: [
    '**/*.ts',
    'src/**',
    '!src/**',
    '*.py',
    '**',
    '{a,b}'.repeat(80),
    '*a'.repeat(200),
    '**/'.repeat(150),
    '[a-z]'.repeat(100),
    '[!',
    '[]]',
    '{'.repeat(400),
    '\\',
    '(?:a+)+$',
    '@(a|b)*',
  ],
  codebase: ['shop', 'shop2', 'mirror', '*', 'broken', 'gone', 'none'],
  revision: ['HEAD', 'HEAD~1', 'HEAD~2', 'main', 'v0', '-p', 'HEAD..HEAD~3', '0000000', 'HEAD@{now}'],
  pattern: [
    'cart',
    'function (\\w+)',
    '.',
    '^',
    '$',
    '\\b',
    '(?s).*',
    '(a+)+$',
    '(a|aa)+$',
    '(.*)*x',
    'a{1000}{1000}',
    '(x{1,1000}){1,1000}',
    '\\p{L}{500}',
    '[[:alpha:]]{900}',
    '((((((((((',
    '(?P<a>.)(?P<a>.)',
    '\\1',
    '(?=x)',
    '[^\\n]+\\n[^\\n]+',
    '\\xff',
    '(?-u)\\xff',
    '(?i)ß',
    '|||||',
    '\n',
    '\\n',
    '\0',
  ],
  symbol: [
    'addToCart',
    'total',
    'Payment',
    'Payment.retry',
    'retry',
    'Grüße',
    'constructor',
    '__proto__',
    'a.b.c.d',
    '%',
    '_',
    "'; --",
  ],
  language: ['typescript', 'ts', 'python', '.py', 'go', 'markdown', 'constructor', 'klingon'],
  text: ['put an item into the cart', 'addToCart', 'how are payments tried again', 'Grüße', 'constructor', '¿'],
  code: [
    '{"a": 1}',
    "Sure: {'a': 1, // x\n",
    '```json\n{"a": [1, 2',
    '- one\n- two\n\nkey: value\n',
    '<think>x</think>{',
    '[[[[[[[[',
    'export function one() {\n  return 1;\n}\n',
    'def f(x):\n    return x\n',
    '}}}}{{{{',
    '/*',
    '"""',
    '\u0000',
  ],
  person: ['Test', 'test@example.com', '.*', '(', '^T'],
  time: ['2020-01-01', '3 weeks ago', 'now', 'tomorrow', '9999999999', '-1', '2026-02-31T25:61:61Z', 'noon yesterday'],
  model: [
    'gpt-4.1',
    'llama-3.3-70b-versatile',
    'gemini-2.5-flash',
    'openrouter/maker/model',
    'none',
    '../x',
    'http://x',
  ],
  variable: ['OPENAI_API_KEY', 'PATH', 'x'],
  cursor: ['x', '0', 'eyJhIjoxfQ', 'e30', '%00'],
  key: [sentKeyCanary, 'x'],
  tool: ['search_codebase', 'list_files', 'none', 'constructor'],
  unsorted: ['cart', 'shop/src/cart.ts'],
};

/** Texts that some layer may choke on. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\ud800',
    'a\udfffb',
    '\ufeff',
    '\u202e\u0000\u0007',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'NaN',
    '-0',
    '1e999',
    'null',
    '%s%n%x',
    '$(1)',
    '<script>',
    "' OR 1=1 --",
    '\r\nX-Injected: 1',
    '😀'.repeat(40),
    'e\u0301'.repeat(300),
  ),
);

/** Some tools take megabytes; a request of that size is refused before any of them sees it. */
const longestText = 100_000;

function textOf(role: Role, { minLength = 0, maxLength = 1000 }: { minLength?: number; maxLength?: number }) {
  const mostLength = Math.min(maxLength, longestText);
  const long = fc
    .constantFrom('a', 'é', '😀', '(', '*', '../', '\\')
    .map((unit) => unit.repeat(mostLength).slice(0, mostLength));
  return fc
    .oneof(
      { weight: 8, arbitrary: fc.constantFrom(...words[role]) },
      { weight: 2, arbitrary: nasty },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...words[role]), nasty).map(([word, rest]) => word + rest) },
      { weight: 1, arbitrary: long },
    )
    .map((text) => text.slice(0, mostLength).padEnd(minLength, 'x'));
}

/** Texts that fit a pattern, those of the role among them. */
function patternedText(pattern: string, role: Role): fc.Arbitrary<string> {
  const expression = new RegExp(pattern);
  const fitting = words[role].filter((word) => expression.test(word));
  const drawn = fc.stringMatching(expression, { size: 'small' });
  return fitting.length === 0 ? drawn : fc.oneof(fc.constantFrom(...fitting), drawn);
}

/** Values that a schema allows. `role` says what texts in it mean. */
function valuesOf(schema: Schema, role: Role): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  if (Array.isArray(schema.anyOf)) return fc.oneof(...(schema.anyOf as Schema[]).map((one) => valuesOf(one, role)));
  const bounds = schema as { minimum?: number; maximum?: number; minItems?: number; maxItems?: number };
  switch (schema.type) {
    case 'string':
      if (typeof schema.pattern === 'string') return patternedText(schema.pattern, role);
      return textOf(role, schema as { minLength?: number; maxLength?: number });
    case 'integer': {
      const { minimum: min = -1000, maximum: max = 1000 } = bounds;
      const small = Math.min(max, Math.max(min, 0) + 20);
      return fc.oneof(fc.integer({ min, max: small }), fc.constantFrom(min, max), fc.integer({ min, max }));
    }
    case 'number': {
      const { minimum: min = -1000, maximum: max = 1000 } = bounds;
      return fc.oneof(fc.constantFrom(min, max), fc.double({ min, max, noNaN: true }));
    }
    case 'boolean':
      return fc.boolean();
    case 'array': {
      const { minItems: minLength = 0, maxItems = 50 } = bounds;
      const items = valuesOf((schema.items ?? { type: 'string' }) as Schema, role);
      const short = fc.array(items, { minLength, maxLength: Math.max(minLength, Math.min(3, maxItems)) });
      const full = fc.array(items, { minLength: maxItems, maxLength: maxItems });
      return fc.oneof({ weight: 9, arbitrary: short }, { weight: 1, arbitrary: full });
    }
    case 'object':
      return objectOf(schema, () => role);
    default:
      return fc.jsonValue();
  }
}

function objectOf(schema: Schema, roleOf: (name: string) => Role): fc.Arbitrary<Json> {
  const properties = Object.entries(propertiesOf(schema)).map(([name, inner]) => [name, valuesOf(inner, roleOf(name))]);
  const requiredKeys = ((schema.required ?? []) as string[]).filter((name) => name in propertiesOf(schema));
  return fc.record(Object.fromEntries(properties) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys,
  }) as fc.Arbitrary<Json>;
}

/** Arguments that the tool's schema allows. */
export function validArguments(tool: Tool): fc.Arbitrary<Json> {
  const roles = new Map(textParameters(tool).map(({ name, role }) => [name, role]));
  const drawn = objectOf(tool.inputSchema, (name) => roles.get(name) ?? 'text');
  // Drawn ones rarely hit a file and a symbol that belong together.
  const usual = usualArguments(tool);
  return fc.tuple(drawn, fc.boolean()).map(([args, withUsual]) => bounded(withUsual ? { ...args, ...usual } : args));
}

/** Nobody waits an hour for an index run here. */
function bounded(args: Json): Json {
  return typeof args.max_wait_seconds === 'number' ? { ...args, max_wait_seconds: args.max_wait_seconds % 2 } : args;
}

/** One thing that is wrong with otherwise valid arguments. */
type Fault = (args: Json, name: string) => unknown;

const set = (args: Json, name: string, value: unknown): Json =>
  // Not by assignment, which would set the prototype instead of a key of that name.
  Object.fromEntries([...Object.entries(args).filter(([key]) => key !== name), [name, value]]);

function nested(depth: number): unknown {
  let value: unknown = 'x';
  for (let at = 0; at < depth; at++) value = at % 2 === 0 ? [value] : { a: value };
  return value;
}

const wrongValues = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc
    .anything({ maxDepth: 2, withBigInt: false })
    .map((value) => JSON.parse(JSON.stringify(value) ?? 'null') as unknown),
  fc.constantFrom<unknown>(
    null,
    -1,
    0.5,
    1e308,
    -1e308,
    Number.MAX_SAFE_INTEGER,
    2 ** 53,
    -(2 ** 31) - 1,
    '0x10',
    'NaN',
    [],
    {},
    [[]],
    [null],
    { length: 1e9 },
    { toString: 'x' },
    nested(20),
    nested(50),
    'x'.repeat(5000),
    'x'.repeat(200_000),
    Array.from({ length: 5000 }, () => 'x'),
    Array.from({ length: 60 }, (_, index) => `glob${index}/**`),
  ),
);

const strangeNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'then',
  '',
  '\0',
  'Codebase_Path',
  'codebase_path ',
  'x'.repeat(3000),
];

const faults: fc.Arbitrary<Fault> = fc.oneof(
  wrongValues.map(
    (value): Fault =>
      (args, name) =>
        set(args, name, value),
  ),
  fc.constant<Fault>((args, name) => Object.fromEntries(Object.entries(args).filter(([key]) => key !== name))),
  fc.tuple(fc.constantFrom(...strangeNames), wrongValues).map(
    ([key, value]): Fault =>
      (args) =>
        set(args, key, value),
  ),
  fc.constant<Fault>((args) => set(args, '__proto__', { isAdmin: true, codebase_path: 'shop2' })),
  fc.tuple(fc.string({ unit: 'binary', maxLength: 20 }), wrongValues).map(
    ([key, value]): Fault =>
      (args) =>
        set(args, key, value),
  ),
);

/** What is sent as arguments, and whether the schema allows it. */
export type FuzzInput = { args: unknown; kind: 'valid' | 'faulty' | 'foreign' };

/** Arguments for one tool: half of them valid, most others with one fault, some of another world. */
export function fuzzInputs(tool: Tool): fc.Arbitrary<FuzzInput> {
  const valid = validArguments(tool);
  const names = [...Object.keys(propertiesOf(tool.inputSchema)), 'other'];
  const faulty = fc.tuple(valid, fc.constantFrom(...names), faults).map(([args, name, fault]) => fault(args, name));
  return fc.oneof(
    { weight: 6, arbitrary: valid.map((args): FuzzInput => ({ args, kind: 'valid' })) },
    { weight: 5, arbitrary: faulty.map((args): FuzzInput => ({ args, kind: 'faulty' })) },
    { weight: 1, arbitrary: wrongValues.map((args): FuzzInput => ({ args, kind: 'foreign' })) },
  );
}

/** Decides whether every template is what its language's own parser reads, and calls what it is for with its parameters. */
import { describe, expect, test } from 'vitest';
import type { Definition } from '../../symbols/port.ts';
import { parseFile } from '../../syntax/parser.ts';
import { parametersOf } from './parameters.ts';
import { renderTestTemplate } from './render.ts';

const definition = (language: string, fields: Partial<Definition>): Definition => ({
  codebase: 'shop',
  path: 'x',
  language,
  name: 'total',
  kind: 'function',
  parent: '',
  ordinal: 0,
  startLine: 1,
  endLine: 3,
  nameLine: 1,
  exported: true,
  doc: '',
  docLine: 0,
  signature: '',
  complexity: 2,
  ...fields,
});

describe('parametersOf', () => {
  test.each([
    [
      'typescript',
      'retry',
      'async retry(attempt: number, done?: (a: string, b: string) => void, ...rest: any[]): void {',
      ['attempt', 'done', 'rest'],
    ],
    ['typescript', 'f', 'export const f = <T,>(a = g(1, 2), { b }: X) =>', ['a']],
    ['typescript', 'constructor', 'constructor(private readonly log: Logger, level = 1) {', ['log', 'level']],
    ['python', 'add', 'def add(self, a, b: int = 1, *rest, **more) -> int:', ['a', 'b', 'rest', 'more']],
    ['go', 'Sum', 'func (s *Store) Sum(values []int, start int) (int, error) {', ['values', 'start']],
    ['rust', 'get', 'pub fn get(&mut self, key: &str, mut n: Vec<(u8, u8)>) -> bool {', ['key', 'n']],
    ['java', 'pay', 'public <T> Map<String, T> pay(final String who, int[] amounts) throws X {', ['who', 'amounts']],
    ['csharp', 'Pay', 'public async Task Pay(string who = "a,b", CancellationToken token = default)', ['who', 'token']],
    ['cpp', 'at', 'const T& at(std::size_t index, const std::string &name) const {', ['index', 'name']],
    ['php', 'pay', 'public function pay(?string $who, int $amount = 1): void', ['who', 'amount']],
    ['kotlin', 'pay', 'fun pay(who: String, amount: Int = 1): Boolean {', ['who', 'amount']],
    ['swift', 'pay', 'func pay(_ who: String, for amount: Int) throws -> Bool {', ['who', 'amount']],
    ['ruby', 'pay', 'def pay(who, amount = 1)', ['who', 'amount']],
    ['ruby', 'size', 'def size', []],
    ['typescript', 'open', 'open(first: string,', ['first']],
  ])('%s: %s of "%s"', (language, name, signature, expected) => {
    expect(parametersOf({ name, signature, language })).toEqual(expected);
  });
});

const cases: [string, string, string, string, string, string][] = [
  [
    'typescript',
    'src/shop/cart.ts',
    'total(prices: number[], rate = 1): number',
    'vitest',
    'src/shop/cart.test.ts',
    'total(prices, rate)',
  ],
  ['javascript', 'lib/cart.js', 'function total(prices) {', 'vitest', 'lib/cart.test.js', 'total(prices)'],
  ['python', 'src/shop/cart.py', 'def total(prices):', 'pytest', 'tests/test_cart.py', 'total(prices)'],
  ['go', 'shop/cart.go', 'func total(prices []int) int {', 'testing', 'shop/cart_test.go', 'total(prices)'],
  ['rust', 'src/cart.rs', 'pub fn total(prices: &[u32]) -> u32 {', 'cargo test', 'src/cart.rs', 'total(prices)'],
  [
    'java',
    'src/main/java/shop/Cart.java',
    'static int total(int[] prices) {',
    'JUnit 5',
    'src/test/java/shop/CartTest.java',
    'Cart.total(',
  ],
  [
    'kotlin',
    'src/main/kotlin/Cart.kt',
    'fun total(prices: List<Int>): Int {',
    'kotlin.test',
    'src/test/kotlin/CartTest.kt',
    'Cart.total(',
  ],
  ['csharp', 'Shop/Cart.cs', 'public static int total(int[] prices)', 'xUnit', 'tests/CartTests.cs', 'Cart.total('],
  ['php', 'src/Cart.php', 'public function total(array $prices): int', 'PHPUnit', 'tests/CartTest.php', 'Cart::total('],
  [
    'swift',
    'Sources/Cart.swift',
    'func total(prices: [Int]) -> Int {',
    'XCTest',
    'Tests/CartTests.swift',
    'total(prices)',
  ],
  ['ruby', 'lib/shop/cart.rb', 'def total(prices)', 'RSpec', 'spec/shop/cart_spec.rb', 'total(prices)'],
  ['cpp', 'src/cart.cc', 'int total(std::vector<int> prices) {', 'GoogleTest', 'tests/cart_test.cc', 'total(prices)'],
  ['elixir', 'lib/cart.ex', 'def total(prices) do', 'ExUnit', 'test/cart_test.exs', 'Cart.total(prices)'],
];

describe('renderTestTemplate', () => {
  test.each(cases)('%s (%s)', async (language, path, signature, framework, testPath, call) => {
    const functions = [
      definition(language, { signature }),
      definition(language, {
        name: 'other',
        parent: 'Cart',
        kind: 'method',
        signature: signature.replace('total', 'other'),
      }),
    ];
    const template = renderTestTemplate({ path, language, functions, declared: new Set() });
    expect(template).toMatchObject({ framework, testPath, code: expect.stringContaining(call) });
    expect(template?.code).toContain('each of its 2 paths');
    const parsed = await parseFile(testPath, template?.code ?? '');
    expect(parsed.problem).toBeUndefined();
    expect(parsed.borders.length).toBeGreaterThan(1);
  });

  test('takes the framework that the project has', () => {
    const functions = [definition('typescript', {})];
    for (const framework of ['jest', 'mocha', 'vitest'])
      expect(
        renderTestTemplate({ path: 'a.ts', language: 'typescript', functions, declared: new Set([framework]) })
          ?.framework,
      ).toBe(framework);
  });

  test('languages without a usual framework have none', () => {
    expect(
      renderTestTemplate({ path: 'a.sql', language: 'sql', functions: [definition('sql', {})], declared: new Set() }),
    ).toBeUndefined();
  });
});

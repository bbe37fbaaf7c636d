import { expect, test } from 'vitest';
import { editDistance, NearNames } from './near-names.ts';

function near(wanted: string, names: string[]): string[] {
  const list = new NearNames(wanted, 3);
  for (const name of names) list.add(name);
  return list.list();
}

test.each([
  ['another case comes first', 'retrypayment', ['retryPayments', 'retryPayment'], ['retryPayment', 'retryPayments']],
  ['a letter that is missing', 'retrPayment', ['cart', 'retryPayment'], ['retryPayment']],
  ['a longer name that holds it', 'Payment', ['x', 'retryPayment', 'PaymentStore'], ['PaymentStore', 'retryPayment']],
  ['the same words in another order', 'paymentRetryJob', ['jobRetryPayment', 'jobList'], ['jobRetryPayment']],
  ['nothing alike', 'zebra', ['cart', 'store', 'of'], []],
  ['each name once', 'cart', ['carts', 'carts'], ['carts']],
])('%s', (_what, wanted, names, expected) => {
  expect(near(wanted, names)).toEqual(expected);
});

test('only the best are kept, however many come', () => {
  expect(near('cart', ['cartsss', 'cartss', 'carts', 'cart'])).toEqual(['cart', 'carts', 'cartss']);
});

test.each([
  ['cart', 'cart', 2, 0],
  ['cart', 'carts', 2, 1],
  ['kitten', 'sitting', 3, 3],
  ['abc', 'xyz', 1, 2],
])('from %s to %s within %i', (a, b, limit, expected) => {
  expect(editDistance(a, b, limit)).toBe(expected);
});

import { describe, expect, test } from 'vitest';
import { parseQuantity } from './quantity.ts';

describe('a quantity', () => {
  test.each([
    ['0.5', '500m'],
    ['1000m', '1'],
    [1, '1'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1e3', '1k'],
    ['1E3', '1k'],
    ['2E', '2000P'],
    ['1000000u', '1'],
    ['.5', '500m'],
    ['-1', '-1000m'],
  ])('%s is as much as %s', (left, right) => {
    expect(parseQuantity(left)).toBeDefined();
    expect(parseQuantity(left)).toBe(parseQuantity(right));
  });

  test.each([
    ['1G', '1Gi'],
    ['1', '1001m'],
    ['1Mi', '1048577'],
  ])('%s is not as much as %s', (left, right) => {
    expect(parseQuantity(left)).not.toBe(parseQuantity(right));
  });

  test.each(['', 'm', '1 Gi', 'five', '1.2.3', '.', true, null, undefined, {}])('%j is none', (value) => {
    expect(parseQuantity(value)).toBeUndefined();
  });
});

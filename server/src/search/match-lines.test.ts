import { describe, expect, test } from 'vitest';
import { shorten } from './match-lines.ts';

describe('[search.exact] a matching line', () => {
  test('is shown whole when it is short, without its line end', () => {
    expect(shorten('const a = 1;\r\n')).toBe('const a = 1;');
  });

  test('is cut behind its start when the match is near it', () => {
    const shown = shorten(`needle${'x'.repeat(5000)}`, 0);
    expect(shown.startsWith('needle')).toBe(true);
    expect(shown).toHaveLength(2001);
  });

  test('shows the match that stands far in a one-line file, counted in characters', () => {
    const before = 'é'.repeat(450_000);
    const shown = shorten(`${before}needle${'x'.repeat(5000)}`, before.length);
    expect(shown).toContain('éneedlex');
    expect(shown.length).toBeLessThanOrEqual(2002);
  });
});

import { describe, expect, test } from 'vitest';
import { summarise } from './summary.ts';

describe('summarise', () => {
  test('closes with the sum over all stages', () => {
    const { text, failed } = summarise([
      { name: 'types', seconds: 2, passed: 1, failed: 0 },
      { name: 'unit', seconds: 3.5, passed: 40, failed: 2 },
    ]);
    expect(text.trimEnd().split('\n').at(-1)).toBe('41 passed, 2 failed');
    expect(failed).toBe(2);
  });

  test('says what to do beside a stage that failed, and only there', () => {
    const { text } = summarise([
      { name: 'lint', seconds: 1, passed: 0, failed: 1, remedy: 'run npm run format' },
      { name: 'types', seconds: 1, passed: 1, failed: 0, remedy: 'mend the types' },
    ]);
    expect(text).toContain('run npm run format');
    expect(text).not.toContain('mend the types');
  });

  test('counts a run without any test as failed', () => {
    expect(summarise([]).failed).toBe(1);
  });
});

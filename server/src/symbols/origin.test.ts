import { expect, test } from 'vitest';
import type { Reach } from './import-reach.ts';
import { goModuleOf, originOf } from './origin.ts';

test.each<[string, string, Reach, string]>([
  ['node:fs', 'typescript', 0, 'standard'],
  ['fs/promises', 'javascript', 0, 'standard'],
  ['./fs', 'typescript', 0, 'internal'],
  ['zod', 'typescript', 0, 'third_party'],
  ['@/lib/a', 'typescript', 0, 'internal'],
  ['@acme/store', 'typescript', 2, 'internal'],
  ['os.path', 'python', 0, 'standard'],
  ['.os', 'python', 0, 'internal'],
  ['requests', 'python', 0, 'third_party'],
  ['app.jobs', 'python', 2, 'internal'],
  ['net/http', 'go', 0, 'standard'],
  ['github.com/acme/log', 'go', 0, 'third_party'],
  ['github.com/acme/log', 'go', 1, 'third_party'],
  ['example.com/ship/pkg', 'go', 0, 'internal'],
  ['std::fs', 'rust', 0, 'standard'],
  ['crate::fs', 'rust', 0, 'internal'],
  ['serde', 'rust', 0, 'third_party'],
  ['java.util', 'java', 0, 'standard'],
  ['org.junit', 'java', 0, 'third_party'],
  ['stdio.h', 'c', 0, 'standard'],
  ['vector', 'cpp', 0, 'standard'],
  ['store.h', 'c', 1, 'internal'],
  ['System.Text', 'csharp', 0, 'standard'],
  ['json', 'ruby', 0, 'standard'],
  ['Data.Map', 'haskell', 0, 'standard'],
  ['Foundation', 'swift', 0, 'standard'],
])('%s in %s (reach %i) is %s', (module, language, reach, expected) => {
  expect(originOf({ module, language }, { reach, goModules: ['example.com/ship'] })).toBe(expected);
});

test('the module of a go.mod, with a comment before it', () => {
  expect(goModuleOf('// Ship.\nmodule example.com/ship // here\n\ngo 1.24\n')).toBe('example.com/ship');
  expect(goModuleOf('go 1.24\n')).toBeUndefined();
});

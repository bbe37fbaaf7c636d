/** Decides how a test file begins in JavaScript and TypeScript, for the framework that the project has. */
import type { Definition } from '../../symbols/port.ts';
import { block, casesText, each, imported, ownerOf, partsOf, type TestSubject, type TestTemplate } from './template.ts';

export function javascript(subject: TestSubject): TestTemplate {
  const { directory, stem, extension } = partsOf(subject.path);
  const framework = (['vitest', 'jest', 'mocha'] as const).find((name) => subject.declared.has(name)) ?? 'vitest';
  const isTyped = extension.includes('ts');
  const module = `./${stem}${isTyped && framework === 'jest' ? '' : extension}`;
  const isMocha = framework === 'mocha';
  const start = isMocha
    ? ["import assert from 'node:assert/strict';", "import { describe, it } from 'mocha';"]
    : [`import { describe, expect, it } from '${framework === 'jest' ? '@jest/globals' : 'vitest'}';`];
  const compare = (name: string) =>
    isMocha
      ? `    assert.deepEqual(result, 'TODO: what ${name} should return');`
      : `    expect(result).toEqual('TODO: what ${name} should return');`;
  const body = (one: Definition, args: string[]) => {
    const owner = ownerOf(one);
    const values = args.map(
      (name) => `    const ${name}${isTyped ? ': any' : ''} = undefined; // TODO: an ordinary value`,
    );
    const subjectLine = owner === '' ? [] : [`    const subject = new ${owner}(); // TODO: its arguments`];
    return [
      `describe('${owner === '' ? one.name : `${owner}.${one.name}`}', () => {`,
      `  it('does what it is for', async () => {`,
      ...values,
      ...subjectLine,
      `    const result = await ${owner === '' ? '' : 'subject.'}${one.name}(${args.join(', ')});`,
      compare(one.name),
      '  });',
      '',
      `  // TODO: ${casesText(one)}`,
      '});',
    ];
  };
  const names = imported(subject.functions).join(', ');
  const code = block([...start, `import { ${names} } from '${module}';`, '', ...each(subject.functions, body)]);
  return { framework, testPath: `${directory}${stem}.test${extension}`, code };
}

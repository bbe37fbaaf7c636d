/** Decides how boilerplate reads in TypeScript and JavaScript. */
import { type LanguageTemplate, type Lines, type Subject, todo } from './template.ts';

const testImports: Readonly<Record<string, Lines>> = {
  vitest: ["import { describe, expect, test } from 'vitest';"],
  jest: ["import { describe, expect, test } from '@jest/globals';"],
  mocha: ["import assert from 'node:assert/strict';", "import { describe, it } from 'mocha';"],
  'node:test': ["import assert from 'node:assert/strict';", "import { describe, test } from 'node:test';"],
};

function tests(extension: string): (subject: Subject) => Lines {
  return ({ framework, functionName, className, fileStem, isClassTest }) => {
    const name = isClassTest ? className : functionName;
    const usesExpect = framework === 'vitest' || framework === 'jest';
    const value = isClassTest ? `new ${className}('value').value` : `${functionName}('value')`;
    return [
      ...(testImports[framework] as Lines),
      `import { ${name} } from './${fileStem}${extension}';`,
      '',
      `describe('${name}', () => {`,
      `\t${framework === 'mocha' ? 'it' : 'test'}('${todo('say what is expected')}', () => {`,
      usesExpect ? `\t\texpect(${value}).toBe('value');` : `\t\tassert.equal(${value}, 'value');`,
      '\t});',
      '});',
    ];
  };
}

const frameworks = [
  { name: 'vitest', sign: /['"]vitest['"]/ },
  { name: 'jest', sign: /['"](?:jest|@jest\/globals)['"]/ },
  { name: 'mocha', sign: /['"]mocha['"]/ },
  { name: 'node:test', sign: /['"]node:test['"]/ },
];

const functionLines = ({ functionName }: Subject, text: string): Lines => [
  '/**',
  ` * ${todo('say what it does.')}`,
  ...(text === '' ? [' * @param {string} value', ' * @returns {string}'] : []),
  ' */',
  `export function ${functionName}(value${text})${text} {`,
  `\tthrow new Error('${functionName} is not written yet');`,
  '}',
];

const toolLines = ({ pascal, toolName }: Subject, isTyped: boolean): Lines => [
  ...(isTyped ? ["import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';"] : []),
  "import { z } from 'zod';",
  '',
  '/**',
  ` * Registers the tool ${toolName}.`,
  ...(isTyped ? [] : [" * @param {import('@modelcontextprotocol/sdk/server/mcp.js').McpServer} server"]),
  ' */',
  `export function register${pascal}(server${isTyped ? ': McpServer' : ''})${isTyped ? ': void' : ''} {`,
  '\tserver.registerTool(',
  `\t\t'${toolName}',`,
  '\t\t{',
  `\t\t\tdescription: '${todo('say what it does, when to use it, and give an example.')}',`,
  `\t\t\tinputSchema: { query: z.string().min(1).describe('${todo('say what it is.')}') },`,
  '\t\t},',
  "\t\tasync ({ query }) => ({ content: [{ type: 'text', text: query }] }),",
  '\t);',
  '}',
];

const jsdoc = ({ title }: Subject): Lines => [
  '/**',
  ` * ${title}.`,
  ' *',
  ` * ${todo('say in a sentence what this file is for.')}`,
  ' */',
];

export const typescript: LanguageTemplate = {
  language: 'typescript',
  extension: '.ts',
  indent: '  ',
  functionStyle: 'camel',
  comment: '//',
  testFrameworks: frameworks,
  about: jsdoc,
  render: {
    module: (subject) => [
      ...jsdoc(subject),
      '',
      `export type ${subject.pascal}Options = {`,
      `\t/** ${todo('say what it is.')} */`,
      '\tname: string;',
      '};',
      '',
      ...functionLines(subject, ': string'),
    ],
    function: (subject) => functionLines(subject, ': string'),
    class: ({ className }) => [
      `/** ${todo('say what it stands for.')} */`,
      `export class ${className} {`,
      '\treadonly #value: string;',
      '',
      '\tconstructor(value: string) {',
      '\t\tthis.#value = value;',
      '\t}',
      '',
      '\tget value(): string {',
      '\t\treturn this.#value;',
      '\t}',
      '}',
    ],
    tool: (subject) => toolLines(subject, true),
    test: tests('.js'),
  },
  requires: (type, { framework }) => {
    if (type === 'tool') return '@modelcontextprotocol/sdk and zod';
    return type === 'test' && framework !== 'node:test' ? framework : undefined;
  },
  fileName: (type, { fileStem }) => (type === 'test' ? `${fileStem}.test.ts` : `${fileStem}.ts`),
};

export const javascript: LanguageTemplate = {
  ...typescript,
  language: 'javascript',
  extension: '.js',
  render: {
    module: (subject) => [...jsdoc(subject), '', ...functionLines(subject, '')],
    function: (subject) => functionLines(subject, ''),
    class: ({ className }) => [
      `/** ${todo('say what it stands for.')} */`,
      `export class ${className} {`,
      '\t#value;',
      '',
      '\t/** @param {string} value */',
      '\tconstructor(value) {',
      '\t\tthis.#value = value;',
      '\t}',
      '',
      '\tget value() {',
      '\t\treturn this.#value;',
      '\t}',
      '}',
    ],
    tool: (subject) => toolLines(subject, false),
    test: tests('.js'),
  },
  fileName: (type, { fileStem }) => (type === 'test' ? `${fileStem}.test.js` : `${fileStem}.js`),
};

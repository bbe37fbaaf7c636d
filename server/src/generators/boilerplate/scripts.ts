/** Decides how boilerplate reads in Python, Ruby and PHP. */
import { type LanguageTemplate, type Lines, type Subject, todo } from './template.ts';

const pythonAbout = ({ title }: Subject): Lines => [
  `"""${title}.`,
  '',
  todo('say in a sentence what this module is for.'),
  '"""',
];

const pythonFunction = ({ functionName }: Subject): Lines => [
  `def ${functionName}(value: str) -> str:`,
  `\t"""${todo('say what it does.')}"""`,
  `\traise NotImplementedError('${functionName}')`,
];

export const python: LanguageTemplate = {
  language: 'python',
  extension: '.py',
  indent: '    ',
  quote: '"',
  functionStyle: 'snake',
  comment: '#',
  testFrameworks: [
    { name: 'pytest', sign: /\bpytest\b/ },
    { name: 'unittest', sign: /^(?:import unittest|from unittest import)/m },
  ],
  about: pythonAbout,
  render: {
    module: (subject) => [
      ...pythonAbout(subject),
      '',
      'from __future__ import annotations',
      '',
      '',
      ...pythonFunction(subject),
    ],
    function: pythonFunction,
    class: ({ className }) => [
      `class ${className}:`,
      `\t"""${todo('say what it stands for.')}"""`,
      '',
      '\tdef __init__(self, value: str) -> None:',
      '\t\tself._value = value',
      '',
      '\t@property',
      '\tdef value(self) -> str:',
      `\t\t"""${todo('say what it is.')}"""`,
      '\t\treturn self._value',
    ],
    tool: ({ functionName, toolName }) => [
      'from mcp.server.fastmcp import FastMCP',
      '',
      `mcp = FastMCP('${toolName}')`,
      '',
      '',
      `@mcp.tool(name='${toolName}')`,
      `def ${functionName}(query: str) -> str:`,
      `\t"""${todo('say what it does, when to use it, and give an example.')}"""`,
      `\traise NotImplementedError('${functionName}')`,
      '',
      '',
      "if __name__ == '__main__':",
      '\tmcp.run()',
    ],
    test: ({ framework, functionName, className, pascal, snake, moduleName, isClassTest }) => {
      const name = isClassTest ? className : functionName;
      const value = isClassTest ? `${className}('value').value` : `${functionName}('value')`;
      const head = [`from ${moduleName} import ${name}`, '', ''];
      if (framework === 'pytest') {
        return [
          ...head,
          `def test_${snake}() -> None:`,
          `\t# ${todo('say what is expected.')}`,
          `\tassert ${value} == 'value'`,
        ];
      }
      return [
        'import unittest',
        '',
        ...head,
        `class ${pascal}Test(unittest.TestCase):`,
        `\tdef test_${snake}(self) -> None:`,
        `\t\t# ${todo('say what is expected.')}`,
        `\t\tself.assertEqual(${value}, 'value')`,
        '',
        '',
        "if __name__ == '__main__':",
        '\tunittest.main()',
      ];
    },
  },
  requires: (type, { framework }) => {
    if (type === 'tool') return 'mcp';
    return type === 'test' && framework === 'pytest' ? 'pytest' : undefined;
  },
  fileName: (type, { moduleName }) => (type === 'test' ? `test_${moduleName}.py` : `${moduleName}.py`),
};

const rubyAbout = ({ title }: Subject): Lines => [
  `# ${title}.`,
  '#',
  `# ${todo('say in a sentence what this file is for.')}`,
];

const rubyFunction = ({ functionName }: Subject): Lines => [
  `# ${todo('say what it does.')}`,
  `def ${functionName}(value)`,
  `\traise NotImplementedError, '${functionName}'`,
  'end',
];

export const ruby: LanguageTemplate = {
  language: 'ruby',
  extension: '.rb',
  indent: '  ',
  functionStyle: 'snake',
  comment: '#',
  opening: '# frozen_string_literal: true',
  testFrameworks: [
    { name: 'rspec', sign: /\brspec\b|RSpec\.describe|spec_helper/ },
    { name: 'minitest', sign: /minitest|ActiveSupport::TestCase/i },
  ],
  about: rubyAbout,
  render: {
    module: (subject) => [
      ...rubyAbout(subject),
      `module ${subject.pascal}`,
      '\tmodule_function',
      '',
      ...rubyFunction(subject).map((line) => `\t${line}`),
      'end',
    ],
    function: rubyFunction,
    class: ({ className }) => [
      `# ${todo('say what it stands for.')}`,
      `class ${className}`,
      '\tattr_reader :value',
      '',
      '\tdef initialize(value)',
      '\t\t@value = value',
      '\tend',
      'end',
    ],
    tool: ({ pascal, toolName }) => [
      "require 'mcp'",
      '',
      `# ${todo('say what it is for.')}`,
      `class ${pascal}Tool < MCP::Tool`,
      `\ttool_name '${toolName}'`,
      `\tdescription '${todo('say what it does, when to use it, and give an example.')}'`,
      "\tinput_schema(properties: { query: { type: 'string' } }, required: ['query'])",
      '',
      '\tdef self.call(query:, server_context: nil)',
      "\t\tMCP::Tool::Response.new([{ type: 'text', text: query }])",
      '\tend',
      'end',
    ],
    test: ({ framework, functionName, className, pascal, snake, fileStem, isClassTest }) => {
      const value = isClassTest ? `${className}.new('value').value` : `${pascal}.${functionName}('value')`;
      if (framework === 'rspec') {
        return [
          `require '${fileStem}'`,
          '',
          `RSpec.describe ${isClassTest ? className : pascal} do`,
          `\tit '${todo('say what is expected')}' do`,
          `\t\texpect(${value}).to eq('value')`,
          '\tend',
          'end',
        ];
      }
      return [
        "require 'minitest/autorun'",
        `require '${fileStem}'`,
        '',
        `class ${pascal}Test < Minitest::Test`,
        `\tdef test_${snake}`,
        `\t\t# ${todo('say what is expected.')}`,
        `\t\tassert_equal 'value', ${value}`,
        '\tend',
        'end',
      ];
    },
  },
  requires: (type, { framework }) => {
    if (type === 'tool') return 'mcp';
    return type === 'test' ? framework : undefined;
  },
  fileName: (type, { fileSnake, framework }) => {
    if (type !== 'test') return `${fileSnake}.rb`;
    return framework === 'rspec' ? `${fileSnake}_spec.rb` : `${fileSnake}_test.rb`;
  },
};

const phpHead = ({ namespace }: Subject): Lines => [
  'declare(strict_types=1);',
  '',
  ...(namespace === undefined ? [] : [`namespace ${namespace};`, '']),
];
const phpAbout = ({ title }: Subject): Lines => [
  '/**',
  ` * ${title}.`,
  ' *',
  ` * ${todo('say in a sentence what this file is for.')}`,
  ' */',
];
const phpFunction = ({ functionName }: Subject): Lines => [
  `/** ${todo('say what it does.')} */`,
  `function ${functionName}(string $value): string`,
  '{',
  `\tthrow new \\LogicException('${functionName} is not written yet');`,
  '}',
];
const phpClass = ({ className }: Subject): Lines => [
  `/** ${todo('say what it stands for.')} */`,
  `final class ${className}`,
  '{',
  '\tpublic function __construct(private readonly string $value)',
  '\t{',
  '\t}',
  '',
  '\tpublic function value(): string',
  '\t{',
  '\t\treturn $this->value;',
  '\t}',
  '}',
];

export const php: LanguageTemplate = {
  language: 'php',
  extension: '.php',
  indent: '    ',
  functionStyle: 'camel',
  comment: '//',
  opening: '<?php',
  testFrameworks: [{ name: 'phpunit', sign: /phpunit/i }],
  about: phpAbout,
  render: {
    module: (subject) => [...phpAbout(subject), '', ...phpHead(subject), ...phpFunction(subject)],
    function: phpFunction,
    class: (subject) => [...phpHead(subject), ...phpClass(subject)],
    tool: (subject) => [
      ...phpHead(subject),
      'use Mcp\\Capability\\Attribute\\McpTool;',
      '',
      `final class ${subject.pascal}Tool`,
      '{',
      `\t/** ${todo('say what it does, when to use it, and give an example.')} */`,
      `\t#[McpTool(name: '${subject.toolName}')]`,
      '\tpublic function call(string $query): string',
      '\t{',
      `\t\tthrow new \\LogicException('${subject.toolName} is not written yet');`,
      '\t}',
      '}',
    ],
    test: (subject) => [
      ...phpHead(subject),
      'use PHPUnit\\Framework\\TestCase;',
      '',
      `final class ${subject.pascal}Test extends TestCase`,
      '{',
      `\tpublic function test${subject.pascal}(): void`,
      '\t{',
      `\t\t// ${todo('say what is expected.')}`,
      subject.isClassTest
        ? `\t\tself::assertSame('value', (new ${subject.className}('value'))->value());`
        : `\t\tself::assertSame('value', ${subject.functionName}('value'));`,
      '\t}',
      '}',
    ],
  },
  requires: (type) => (type === 'tool' ? 'mcp/sdk' : type === 'test' ? 'phpunit/phpunit' : undefined),
  fileName: (type, { pascal, className, moduleName }) => {
    if (type === 'test') return `${pascal}Test.php`;
    if (type === 'tool') return `${pascal}Tool.php`;
    return type === 'class' ? `${className}.php` : `${moduleName}.php`;
  },
};

/** Decides how boilerplate reads in Java, Kotlin and C#. */
import { type LanguageTemplate, type Lines, type Subject, todo } from './template.ts';

const javaHead = ({ namespace }: Subject): Lines => (namespace === undefined ? [] : [`package ${namespace};`, '']);
const javaAbout = ({ title }: Subject): Lines => [
  '/**',
  ` * ${title}.`,
  ' *',
  ` * ${todo('say in a sentence what this file is for.')}`,
  ' */',
];

/** A function needs a class around it. */
const javaFunction = (subject: Subject): Lines => [
  `public final class ${subject.className} {`,
  `\tprivate ${subject.className}() {`,
  '\t}',
  '',
  `\t/** ${todo('say what it does.')} */`,
  `\tpublic static String ${subject.functionName}(String value) {`,
  `\t\tthrow new UnsupportedOperationException("${subject.functionName}");`,
  '\t}',
  '}',
];

const javaTest = (subject: Subject): Lines => [
  ...javaHead(subject),
  ...(subject.framework === 'junit4'
    ? ['import static org.junit.Assert.assertEquals;', '', 'import org.junit.Test;']
    : ['import static org.junit.jupiter.api.Assertions.assertEquals;', '', 'import org.junit.jupiter.api.Test;']),
  '',
  `${subject.framework === 'junit4' ? 'public ' : ''}class ${subject.pascal}Test {`,
  `\t// ${todo('say what is expected.')}`,
  '\t@Test',
  `\t${subject.framework === 'junit4' ? 'public ' : ''}void ${subject.functionName}Works() {`,
  `\t\tassertEquals("value", ${subject.isClassTest ? `new ${subject.className}("value").value()` : `${subject.className}.${subject.functionName}("value")`});`,
  '\t}',
  '}',
];

const junit = [
  { name: 'junit5', sign: /org\.junit\.jupiter/ },
  { name: 'junit4', sign: /import (?:static )?org\.junit\.(?:Test|Assert|Before)\b/ },
];

export const java: LanguageTemplate = {
  language: 'java',
  extension: '.java',
  indent: '    ',
  functionStyle: 'camel',
  comment: '//',
  testFrameworks: junit,
  about: javaAbout,
  render: {
    module: (subject) => [...javaHead(subject), ...javaAbout(subject), ...javaFunction(subject)],
    function: (subject) => [...javaHead(subject), ...javaFunction(subject)],
    class: (subject) => [
      ...javaHead(subject),
      `/** ${todo('say what it stands for.')} */`,
      `public final class ${subject.className} {`,
      '\tprivate final String value;',
      '',
      `\tpublic ${subject.className}(String value) {`,
      '\t\tthis.value = value;',
      '\t}',
      '',
      '\tpublic String value() {',
      '\t\treturn value;',
      '\t}',
      '}',
    ],
    tool: (subject) => [
      ...javaHead(subject),
      'import org.springframework.ai.tool.annotation.Tool;',
      'import org.springframework.ai.tool.annotation.ToolParam;',
      'import org.springframework.stereotype.Service;',
      '',
      `/** ${todo('say what it is for.')} */`,
      '@Service',
      `public class ${subject.pascal}Tool {`,
      `\t@Tool(name = "${subject.toolName}", description = "${todo('say what it does, when to use it, and give an example.')}")`,
      `\tpublic String call(@ToolParam(description = "${todo('say what it is.')}") String query) {`,
      `\t\tthrow new UnsupportedOperationException("${subject.toolName}");`,
      '\t}',
      '}',
    ],
    test: javaTest,
  },
  requires: (type, { framework }) => {
    if (type === 'tool') return 'org.springframework.ai:spring-ai-starter-mcp-server';
    return type === 'test' ? framework : undefined;
  },
  fileName: (type, { pascal, className }) => {
    if (type === 'test') return `${pascal}Test.java`;
    return type === 'tool' ? `${pascal}Tool.java` : `${className}.java`;
  },
};

const kotlinHead = ({ namespace }: Subject): Lines => (namespace === undefined ? [] : [`package ${namespace}`, '']);
const kotlinFunction = ({ functionName }: Subject): Lines => [
  `/** ${todo('say what it does.')} */`,
  `fun ${functionName}(value: String): String {`,
  `\tthrow NotImplementedError("${functionName}: $value")`,
  '}',
];

export const kotlin: LanguageTemplate = {
  language: 'kotlin',
  extension: '.kt',
  indent: '    ',
  functionStyle: 'camel',
  comment: '//',
  testFrameworks: [
    { name: 'kotlin.test', sign: /kotlin\.test|kotlin\("test"\)/ },
    { name: 'junit5', sign: /org\.junit\.jupiter/ },
  ],
  about: javaAbout,
  render: {
    module: (subject) => [...kotlinHead(subject), ...kotlinFunction(subject)],
    function: kotlinFunction,
    class: (subject) => [
      ...kotlinHead(subject),
      `/** ${todo('say what it stands for.')} */`,
      `class ${subject.className}(val value: String) {`,
      `\t/** ${todo('say what it does.')} */`,
      '\tfun isEmpty(): Boolean = value.isEmpty()',
      '}',
    ],
    tool: (subject) => [
      ...kotlinHead(subject),
      'import org.springframework.ai.tool.annotation.Tool',
      'import org.springframework.ai.tool.annotation.ToolParam',
      'import org.springframework.stereotype.Service',
      '',
      `/** ${todo('say what it is for.')} */`,
      '@Service',
      `class ${subject.pascal}Tool {`,
      `\t@Tool(name = "${subject.toolName}", description = "${todo('say what it does, when to use it, and give an example.')}")`,
      `\tfun call(@ToolParam(description = "${todo('say what it is.')}") query: String): String {`,
      `\t\tthrow NotImplementedError("${subject.toolName}: $query")`,
      '\t}',
      '}',
    ],
    test: (subject) => [
      ...kotlinHead(subject),
      ...(subject.framework === 'junit5'
        ? ['import org.junit.jupiter.api.Assertions.assertEquals', 'import org.junit.jupiter.api.Test']
        : ['import kotlin.test.Test', 'import kotlin.test.assertEquals']),
      '',
      `class ${subject.pascal}Test {`,
      `\t// ${todo('say what is expected.')}`,
      '\t@Test',
      `\tfun ${subject.functionName}Works() {`,
      `\t\tassertEquals("value", ${subject.isClassTest ? `${subject.className}("value").value` : `${subject.functionName}("value")`})`,
      '\t}',
      '}',
    ],
  },
  requires: (type, { framework }) => {
    if (type === 'tool') return 'org.springframework.ai:spring-ai-starter-mcp-server';
    return type === 'test' ? framework : undefined;
  },
  fileName: (type, { pascal, className, moduleName }) => {
    if (type === 'test') return `${pascal}Test.kt`;
    if (type === 'tool') return `${pascal}Tool.kt`;
    return type === 'class' ? `${className}.kt` : `${moduleName}.kt`;
  },
};

const csharpHead = ({ namespace }: Subject): Lines => (namespace === undefined ? [] : [`namespace ${namespace};`, '']);
const summary = (text: string): string => `/// <summary>${text}</summary>`;
const csharpFunction = (subject: Subject): Lines => [
  `public static class ${subject.className}`,
  '{',
  `\t${summary(todo('say what it does.'))}`,
  `\tpublic static string ${subject.functionName}(string value)`,
  '\t{',
  '\t\tthrow new NotImplementedException();',
  '\t}',
  '}',
];
const attributes: Readonly<
  Record<string, { using: string; test: string; type?: string; assert: (value: string) => string }>
> = {
  xunit: { using: 'Xunit', test: '[Fact]', assert: (value) => `Assert.Equal("value", ${value});` },
  nunit: { using: 'NUnit.Framework', test: '[Test]', assert: (value) => `Assert.That(${value}, Is.EqualTo("value"));` },
  mstest: {
    using: 'Microsoft.VisualStudio.TestTools.UnitTesting',
    test: '[TestMethod]',
    type: '[TestClass]',
    assert: (value) => `Assert.AreEqual("value", ${value});`,
  },
};

export const csharp: LanguageTemplate = {
  language: 'csharp',
  extension: '.cs',
  indent: '    ',
  functionStyle: 'pascal',
  comment: '//',
  testFrameworks: [
    { name: 'xunit', sign: /\bxunit\b/i },
    { name: 'nunit', sign: /\bnunit\b/i },
    { name: 'mstest', sign: /MSTest|TestTools\.UnitTesting/ },
  ],
  about: ({ title }) => [`// ${title}.`, '//', `// ${todo('say in a sentence what this file is for.')}`],
  render: {
    module: (subject) => [
      'using System;',
      '',
      ...csharpHead(subject),
      summary(`${subject.title}.`),
      ...csharpFunction(subject),
    ],
    function: (subject) => ['using System;', '', ...csharpHead(subject), ...csharpFunction(subject)],
    class: (subject) => [
      ...csharpHead(subject),
      summary(todo('say what it stands for.')),
      `public sealed class ${subject.className}`,
      '{',
      `\tpublic ${subject.className}(string value)`,
      '\t{',
      '\t\tValue = value;',
      '\t}',
      '',
      `\t${summary(todo('say what it is.'))}`,
      '\tpublic string Value { get; }',
      '}',
    ],
    tool: (subject) => [
      'using System;',
      'using System.ComponentModel;',
      'using ModelContextProtocol.Server;',
      '',
      ...csharpHead(subject),
      summary(todo('say what it is for.')),
      '[McpServerToolType]',
      `public static class ${subject.pascal}Tool`,
      '{',
      `\t[McpServerTool(Name = "${subject.toolName}")]`,
      `\t[Description("${todo('say what it does, when to use it, and give an example.')}")]`,
      `\tpublic static string Call([Description("${todo('say what it is.')}")] string query)`,
      '\t{',
      '\t\tthrow new NotImplementedException();',
      '\t}',
      '}',
    ],
    test: (subject) => {
      const { using, test, type, assert } = attributes[subject.framework] as NonNullable<(typeof attributes)[string]>;
      const value = subject.isClassTest
        ? `new ${subject.className}("value").Value`
        : `${subject.className}.${subject.functionName}("value")`;
      return [
        `using ${using};`,
        '',
        ...csharpHead(subject),
        ...(type === undefined ? [] : [type]),
        `public class ${subject.pascal}Tests`,
        '{',
        `\t// ${todo('say what is expected.')}`,
        `\t${test}`,
        `\tpublic void ${subject.pascal}Works()`,
        '\t{',
        `\t\t${assert(value)}`,
        '\t}',
        '}',
      ];
    },
  },
  requires: (type, { framework }) => {
    if (type === 'tool') return 'ModelContextProtocol';
    return type === 'test' ? framework : undefined;
  },
  fileName: (type, { pascal, className }) => {
    if (type === 'test') return `${pascal}Tests.cs`;
    return type === 'tool' ? `${pascal}Tool.cs` : `${className}.cs`;
  },
};

/** Decides how a test file begins in languages whose tests are methods of classes. */
import type { Definition } from '../../symbols/port.ts';
import { block, casesText, each, ownerOf, type Parts, partsOf, pascal, type Renderer } from './template.ts';

/** How the languages with test classes differ. */
type ClassStyle = {
  framework: string;
  suffix: string;
  head: (stem: string) => string[];
  open: (name: string) => string;
  test: (name: string, comment: string, call: string, value: string) => string[];
  testPath: (parts: Parts, suffix: string) => string;
  /** How a value is left open. */
  argument: string;
};

function classBased(style: ClassStyle): Renderer {
  return ({ path, functions }) => {
    const parts = partsOf(path);
    const body = (one: Definition, args: string[]) => {
      const owner = ownerOf(one) || parts.stem;
      const call = `${owner}.${one.name}(${args.map((name) => style.argument.replace('NAME', name)).join(', ')})`;
      return style.test(one.name, casesText(one), call, `TODO: what ${one.name} should return`);
    };
    const name = `${pascal(parts.stem)}${style.suffix}`;
    const lines = [...style.head(parts.stem), style.open(name), ...each(functions, body), '}'];
    return { framework: style.framework, testPath: style.testPath(parts, style.suffix), code: block(lines) };
  };
}

const besideMain = ({ directory, stem, extension }: Parts, suffix: string) =>
  `${directory.replace('src/main/', 'src/test/')}${stem}${suffix}${extension}`;

export const java = classBased({
  framework: 'JUnit 5',
  suffix: 'Test',
  head: () => [
    'import static org.junit.jupiter.api.Assertions.assertEquals;',
    '',
    'import org.junit.jupiter.api.Test;',
    '',
  ],
  open: (name) => `class ${name} {`,
  test: (name, cases, call, value) => [
    '    @Test',
    `    void ${name}DoesWhatItIsFor() {`,
    `        assertEquals("${value}", ${call});`,
    `        // TODO: ${cases}`,
    '    }',
  ],
  testPath: besideMain,
  argument: '/* NAME */ null',
});

export const kotlin = classBased({
  framework: 'kotlin.test',
  suffix: 'Test',
  head: () => ['import kotlin.test.Test', 'import kotlin.test.assertEquals', ''],
  open: (name) => `class ${name} {`,
  test: (name, cases, call, value) => [
    '    @Test',
    `    fun \`${name} does what it is for\`() {`,
    `        assertEquals("${value}", ${call})`,
    `        // TODO: ${cases}`,
    '    }',
  ],
  testPath: besideMain,
  argument: 'TODO("NAME")',
});

export const csharp = classBased({
  framework: 'xUnit',
  suffix: 'Tests',
  head: () => ['using Xunit;', ''],
  open: (name) => `public class ${name}\n{`,
  test: (name, cases, call, value) => [
    '    [Fact]',
    `    public void ${name}_DoesWhatItIsFor()`,
    '    {',
    `        Assert.Equal("${value}", ${call});`,
    `        // TODO: ${cases}`,
    '    }',
  ],
  testPath: ({ stem, extension }, suffix) => `tests/${stem}${suffix}${extension}`,
  argument: 'default /* NAME */',
});

export const php = classBased({
  framework: 'PHPUnit',
  suffix: 'Test',
  head: () => ['<?php', '', 'use PHPUnit\\Framework\\TestCase;', ''],
  open: (name) => `final class ${name} extends TestCase\n{`,
  test: (name, cases, call, value) => [
    `    public function test${pascal(name)}(): void`,
    '    {',
    `        $this->assertSame('${value}', ${call.replace('.', '::')});`,
    `        // TODO: ${cases}`,
    '    }',
  ],
  testPath: ({ stem, extension }, suffix) => `tests/${stem}${suffix}${extension}`,
  argument: 'null /* NAME */',
});

export const swift = classBased({
  framework: 'XCTest',
  suffix: 'Tests',
  head: () => ['import XCTest', ''],
  open: (name) => `final class ${name}: XCTestCase {`,
  test: (name, cases, call, value) => [
    `    func test${pascal(name)}() throws {`,
    `        XCTFail("TODO: compare ${call.replaceAll('"', "'")} with ${value.slice(6)}")`,
    `        // TODO: ${cases}`,
    '    }',
  ],
  testPath: ({ stem, extension }, suffix) => `Tests/${stem}${suffix}${extension}`,
  argument: 'NAME',
});

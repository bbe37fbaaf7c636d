/** Decides how a test file begins in languages whose tests are functions or blocks. */
import type { Definition } from '../../symbols/port.ts';
import {
  block,
  casesText,
  each,
  imported,
  ownerOf,
  partsOf,
  pascal,
  snake,
  type TestSubject,
  type TestTemplate,
} from './template.ts';

export function python(subject: TestSubject): TestTemplate {
  const { directory, stem } = partsOf(subject.path);
  const module = `${directory.replace(/^src\//, '')}${stem}`.replaceAll('/', '.');
  const body = (one: Definition, args: string[]) => {
    const owner = ownerOf(one);
    const call = owner === '' ? one.name : `${owner}().${one.name}`;
    return [
      '',
      `def test_${snake(owner === '' ? one.name : `${owner}_${one.name}`)}():`,
      ...args.map((name) => `    ${name} = None  # TODO: an ordinary value`),
      `    result = ${call}(${args.join(', ')})`,
      `    assert result == "TODO: what ${one.name} should return"`,
      `    # TODO: ${casesText(one)}`,
    ];
  };
  const names = imported(subject.functions).join(', ');
  const code = block([`from ${module} import ${names}`, ...each(subject.functions, body)]);
  return { framework: 'pytest', testPath: `tests/test_${stem}.py`, code };
}

export function go(subject: TestSubject): TestTemplate {
  const { directory, stem } = partsOf(subject.path);
  const body = (one: Definition, args: string[]) => {
    const owner = ownerOf(one);
    return [
      `func Test${pascal(owner)}${pascal(one.name)}(t *testing.T) {`,
      '\ttests := []struct {',
      '\t\tname string',
      '\t\t// TODO: arguments and what is wanted',
      '\t}{',
      `\t\t{name: "does what it is for"}, // TODO: ${casesText(one)}`,
      '\t}',
      '\tfor _, tt := range tests {',
      '\t\tt.Run(tt.name, func(t *testing.T) {',
      `\t\t\tt.Fatal("TODO: call ${owner === '' ? '' : `${owner}.`}${one.name}(${args.join(', ')}) and compare")`,
      '\t\t})',
      '\t}',
      '}',
    ];
  };
  const name = directory.split('/').at(-2) ?? 'main';
  const clause = subject.packageName ?? `${name.replace(/\W/g, '')} // TODO: the package of ${stem}.go`;
  const head = [`package ${clause}`, '', 'import "testing"', ''];
  const code = block([...head, ...each(subject.functions, body)]);
  return { framework: 'testing', testPath: `${directory}${stem}_test.go`, code };
}

export function rust(subject: TestSubject): TestTemplate {
  const body = (one: Definition, args: string[]) => [
    '    #[test]',
    `    fn ${snake(`${ownerOf(one)} ${one.name}`.trim())}_does_what_it_is_for() {`,
    ...args.map((name) => `        let ${name} = todo!("an ordinary value");`),
    `        let result = ${ownerOf(one) === '' ? '' : `${ownerOf(one)}::`}${one.name}(${args.join(', ')});`,
    `        assert_eq!(result, todo!("what ${one.name} should return"));`,
    `        // TODO: ${casesText(one)}`,
    '    }',
  ];
  const lines = ['#[cfg(test)]', 'mod tests {', '    use super::*;', '', ...each(subject.functions, body), '}'];
  return { framework: 'cargo test', testPath: subject.path, code: block(lines) };
}

export function ruby({ path, functions }: TestSubject): TestTemplate {
  const { directory, stem } = partsOf(path);
  const inner = directory.replace(/^(lib|app)\//, '');
  const body = (one: Definition, args: string[]) => [
    `  describe '#${one.name}' do`,
    "    it 'does what it is for' do",
    ...args.map((name) => `      ${name} = nil # TODO: an ordinary value`),
    `      result = described_class.new.${one.name}(${args.join(', ')})`,
    `      expect(result).to eq('TODO: what ${one.name} should return')`,
    '    end',
    '',
    `    # TODO: ${casesText(one)}`,
    '  end',
  ];
  const owner = functions.map(ownerOf).find((name) => name !== '') ?? pascal(stem);
  const lines = ["require 'spec_helper'", '', `RSpec.describe ${owner} do`, ...each(functions, body), 'end'];
  return { framework: 'RSpec', testPath: `spec/${inner}${stem}_spec.rb`, code: block(lines) };
}

export function cpp({ path, functions }: TestSubject): TestTemplate {
  const { directory, stem } = partsOf(path);
  const body = (one: Definition, args: string[]) => [
    `TEST(${pascal(ownerOf(one) || stem)}Test, ${pascal(one.name)}DoesWhatItIsFor) {`,
    `  FAIL() << "TODO: compare ${one.name}(${args.join(', ')}) with what it should return";`,
    `  // TODO: ${casesText(one)}`,
    '}',
  ];
  const head = ['#include <gtest/gtest.h>', '', `#include "${directory}${stem}.h"`, ''];
  return {
    framework: 'GoogleTest',
    testPath: `tests/${stem}_test.cc`,
    code: block([...head, ...each(functions, body)]),
  };
}

export function elixir({ path, functions }: TestSubject): TestTemplate {
  const { directory, stem } = partsOf(path);
  const owner = functions.map(({ parent }) => parent).find((name) => name !== '') ?? pascal(stem);
  const body = (one: Definition, args: string[]) => [
    `  test "${one.name} does what it is for" do`,
    ...args.map((name) => `    ${name} = nil # TODO: an ordinary value`),
    `    assert ${owner}.${one.name}(${args.join(', ')}) == "TODO: what it should return"`,
    `    # TODO: ${casesText(one)}`,
    '  end',
  ];
  const lines = [`defmodule ${owner}Test do`, '  use ExUnit.Case', '', ...each(functions, body), 'end'];
  return {
    framework: 'ExUnit',
    testPath: `test/${directory.replace(/^lib\//, '')}${stem}_test.exs`,
    code: block(lines),
  };
}

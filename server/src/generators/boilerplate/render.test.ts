/** Decides whether boilerplate is correct code in every language, whatever it is given, and keeps a codebase's conventions. */
import { describe, expect, test } from 'vitest';
import { syntaxFaults, syntaxShape } from '../../testing/syntax-faults.ts';
import { conventionsOf } from './conventions.ts';
import { identifierOf, reservedIn } from './names.ts';
import { boilerplateLanguages, renderBoilerplate, templateFor } from './render.ts';
import { type BoilerplateType, boilerplateTypes, type LanguageTemplate } from './template.ts';

const template = (language: string) => templateFor(language) as LanguageTemplate;

function render(language: string, type: BoilerplateType, more: Partial<Parameters<typeof renderBoilerplate>[0]> = {}) {
  return renderBoilerplate({ type, template: template(language), conventions: {}, stem: '', ...more });
}

const combinations = boilerplateLanguages.flatMap((language) =>
  boilerplateTypes.map((type) => [language, type] as const),
);

/** The parser wants a newline and a file's ending, no more. */
const faultsOf = (language: string, code: string) => syntaxFaults(`a${template(language).extension}`, code);

describe('[tools.boilerplate] each kind in each language', () => {
  test.each(combinations)('%s %s parses without faults, with and without names', async (language, type) => {
    expect(await faultsOf(language, render(language, type).code)).toEqual([]);
    const named = { functionName: 'retryPayment', className: 'PaymentRetry', moduleName: 'payment_retry' };
    expect(await faultsOf(language, render(language, type, named).code)).toEqual([]);
    const { frameworks } = { frameworks: template(language).testFrameworks };
    if (type !== 'test') return;
    for (const { name } of frameworks) {
      const { code } = render(language, type, { className: 'Refund', conventions: { testFramework: name } });
      expect(await faultsOf(language, code)).toEqual([]);
    }
  });

  test.each(combinations)('%s %s follows tabs, quotes, semicolons and licence', async (language, type) => {
    const mark = template(language).comment;
    const header = [`${mark} Copyright 2020 The Shop Authors`, `${mark} SPDX-License-Identifier: MIT`];
    const conventions = { indent: '\t', quote: '"', semicolons: false, header, namespace: 'shop' } as const;
    const { code } = render(language, type, { conventions, functionName: 'retryPayment' });
    expect(await faultsOf(language, code)).toEqual([]);
    expect(code.includes(header.join('\n'))).toBe(type !== 'function');
    expect(code).not.toMatch(/^ {2,}\S/m);
  });
});

test('[tools.boilerplate] files are named after the module, as their language does', () => {
  const names = { functionName: 'retryPayment', moduleName: 'payment retry' };
  const fileOf = (language: string, type: BoilerplateType) => render(language, type, names).fileName;
  expect(boilerplateLanguages.map((language) => fileOf(language, 'module'))).toEqual([
    'paymentRetry.ts',
    'paymentRetry.js',
    'payment_retry.py',
    'payment_retry.go',
    'payment_retry.rs',
    'PaymentRetry.java',
    'PaymentRetry.cs',
    'payment_retry.rb',
    'payment_retry.php',
    'payment_retry.kt',
  ]);
  expect(fileOf('go', 'test')).toBe('payment_retry_test.go');
});

const hostile = [
  '*/ process.exit(1) /*',
  "'; DROP TABLE users; --",
  '"""\nimport os\nos.system("x")\n"""',
  '$' + '{process.env.SECRET}',
  '#{`id`}',
  'a\nb\rc\u2028d\0e',
  '?><?php evil(); ?>',
  '__proto__',
  'constructor',
  'class',
  '../../etc/passwd',
  'émile zolà',
  'x'.repeat(200),
  '名前 a',
  '`whoami`',
  '<!-- x -->',
  '}})); evil(',
];

describe('[tools.boilerplate] hostile names', () => {
  test.each(boilerplateLanguages)('%s: nothing of a name gets out of its place', async (language) => {
    const path = `a${template(language).extension}`;
    for (const type of boilerplateTypes) {
      const of = (name: string) =>
        render(language, type, { moduleName: name, functionName: name, className: name, stem: name }).code;
      const shape = await syntaxShape(path, of('payment retry'));
      for (const name of hostile) {
        expect(await faultsOf(language, of(name)), `${type} ${name}\n${of(name)}`).toEqual([]);
        // The same nodes as with a harmless name: all of it is one name.
        expect(await syntaxShape(path, of(name)), `${type} ${name}\n${of(name)}`).toBe(shape);
      }
    }
  });

  test.each(['\\', '名前', '1st', '__', '42', ' '])('%j is refused, with what to write', (name) => {
    expect(() => render('go', 'function', { functionName: name })).toThrow(/has no letter/);
  });
});

describe('names', () => {
  test.each<[string, 'camel' | 'snake' | 'pascal', string, string | undefined]>([
    ['retry payment', 'camel', 'typescript', 'retryPayment'],
    ['retry-payment', 'snake', 'python', 'retry_payment'],
    ['HTTPServer v2', 'snake', 'python', 'http_server_v2'],
    ['HTTPServer', 'snake', 'python', 'HTTPServer'],
    ['2nd try', 'pascal', 'go', 'Try'],
    ['class', 'camel', 'typescript', 'class_'],
    ['lambda', 'snake', 'python', 'lambda_'],
    ['été', 'camel', 'java', 'ete'],
    ['___', 'camel', 'java', undefined],
    ['42', 'camel', 'java', undefined],
  ])('%j in %s case of %s is %j', (name, style, language, expected) => {
    expect(identifierOf(name, style, reservedIn(language))).toBe(expected);
  });
});

describe('conventions', () => {
  const file = (body: string) => `// Copyright 2024 Shop\n// Licensed under MIT.\n\n${body}`;
  const body = Array.from(
    { length: 12 },
    (_, i) => `const a${i} = "x"\nfunction do_thing_${i}() {\n    return a${i}\n}\n`,
  ).join('\n');

  test('[tools.boilerplate] licence, indentation, quotes, semicolons and names are read from files', () => {
    const samples = [
      { path: 'a.ts', text: file(body) },
      { path: 'b.ts', text: file(body) },
      { path: 'c.ts', text: body },
    ];
    expect(conventionsOf(samples, [], 'typescript')).toEqual({
      header: ['// Copyright 2024 Shop', '// Licensed under MIT.'],
      indent: '    ',
      quote: '"',
      semicolons: false,
      functionStyle: 'snake',
    });
  });

  test.each([
    ['java', 'package org.shop.pay;\nclass A {}', 'org.shop.pay'],
    ['go', '// Package pay pays.\npackage pay\n', 'pay'],
    ['csharp', 'using System;\nnamespace Shop.Pay;\n', 'Shop.Pay'],
    ['php', '<?php\nnamespace Shop\\Pay;\n', 'Shop\\Pay'],
    ['kotlin', 'package org.shop\n', 'org.shop'],
    ['python', 'package x', undefined],
  ])('the namespace of %s', (language, text, expected) => {
    expect(conventionsOf([], [{ path: 'a', text }], language).namespace).toBe(expected);
  });

  test('a comment that is no licence, or that code follows on its line, is none', () => {
    for (const text of ['// Sorts things.\ncode', '/* Copyright */ run()\ncode', '#[license]\nfn a() {}'])
      expect(conventionsOf([{ path: 'a', text }], [], 'rust').header).toBeUndefined();
  });

  test('without files nothing is known', () => {
    expect(conventionsOf([], [], 'typescript')).toEqual({});
  });
});

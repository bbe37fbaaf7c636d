/** Decides whether lines are told apart as cloc tells them, and in the cases in which marks stand inside other things. */
import { describe, expect, test } from 'vitest';
import { lexicalSyntaxOf } from './comment-syntax.ts';
import { countLineKinds } from './line-count.ts';
import { forEachSpan } from './spans.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const counts = (language: string, text: string) => {
  const { code, comment, blank } = countLineKinds(bytesOf(text), language);
  return [code, comment, blank];
};

describe('countLineKinds', () => {
  test.each<[string, string, string, number[]]>([
    ['nothing', 'go', '', [0, 0, 0]],
    ['a last line without an end', 'go', 'a', [1, 0, 0]],
    ['a byte order mark and CRLF', 'go', '\ufeff// a\r\n\r\nb\r\n', [1, 1, 1]],
    ['code with a comment after it is code', 'go', 'a // b\n/* c */\n/* d */ e\n', [2, 1, 0]],
    ['a blank line in a comment is blank', 'c', '/*\n\n*/\n', [0, 2, 1]],
    ['marks in strings are none', 'go', 's := "/*" + `\n// x\n`\ny\n', [4, 0, 0]],
    ['an escaped quote does not end a string', 'c', 's = "\\"/*";\ny\n', [2, 0, 0]],
    ['a quote that is never closed ends with its line', 'c', "#error don't\n// x\n", [1, 1, 0]],
    ['comments that nest', 'rust', '/* /* */ x */\n// y\nlet a: &\'a str = "//";\nlet c = \'"\';\n//z\n', [2, 3, 0]],
    ['comments that do not nest', 'c', '/* /* */ x\n', [1, 0, 0]],
    ['raw strings of Rust', 'rust', 'let a = r#"\n// " x\n"#;\n// c\n', [3, 1, 0]],
    ['raw strings and digits of C++', 'cpp', 'x = R"a(\n/* )" )a";\nint y = 1\'000;\n// c\n', [3, 1, 0]],
    [
      'docstrings are comments, other long strings code',
      'python',
      'def f():\n    r"""A\n\n    b"""\n    x = """c\n# d"""\n    f(\n"""e""")\n# g\n',
      [5, 3, 1],
    ],
    ['templates with code inside', 'typescript', `a = \`\n\${b(\`//\${"\`"}\`)} // c\n\`; // d\n// e\n`, [3, 1, 0]],
    ['regular expressions', 'javascript', 'a = /[/*`]/g;\nb = c / d; // e\nreturn /"/;\n// f\n', [3, 1, 0]],
    ['a hash in a word is no comment', 'shell', `#!/bin/sh\nx=$#\ny=\${x#a} # b\necho a#b\n\n`, [3, 1, 1]],
    ['long brackets', 'lua', '--[==[ a\n]] b\n]==]\nx = [[\n-- y\n]]\n-- z\n', [3, 4, 0]],
    ['blocks that must start a line', 'ruby', 'a = b =begin\n=begin\nx\n=end y\nz # c\n', [2, 3, 0]],
    ['markup', 'html', '<!-- a\nb -->\n<p>--</p>\n', [1, 2, 0]],
    ['primes', 'haskell', "f' = '\"'\n-- x\n", [1, 1, 0]],
    ['a URL in a style sheet', 'css', 'a { b: url(http://x/y); }\n/* c */\n', [1, 1, 0]],
    ['a language that we do not know', 'text', '# a\n\n// b\n', [2, 0, 1]],
  ])('%s', (_name, language, text, expected) => {
    expect(counts(language, text)).toEqual(expected);
  });
});

test('spans lie without gaps and overlaps over any bytes, in every language', () => {
  const pieces = [
    '"',
    "'",
    '`',
    '/*',
    '*/',
    '//',
    '#',
    '\n',
    '\\',
    '${',
    '}',
    '--',
    '[[',
    ']]',
    '"""',
    'r#"',
    'a',
    ' ',
    '{-',
  ];
  let state = 7;
  const next = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
  for (const language of ['typescript', 'python', 'rust', 'lua', 'cpp', 'haskell', 'ruby', 'php', 'csharp', 'scala']) {
    for (let round = 0; round < 100; round++) {
      const text = Array.from({ length: 30 }, () => pieces[next(pieces.length)]).join('');
      const bytes = bytesOf(text);
      let reached = 0;
      forEachSpan(bytes, 0, bytes.length, lexicalSyntaxOf(language), (_kind, start, end) => {
        expect([text, start]).toEqual([text, reached]);
        expect(end).toBeGreaterThan(start);
        reached = end;
      });
      expect(reached).toBe(bytes.length);
    }
  }
});

/** Decides how comments and strings are written in each language, as far as counting lines and comparing code needs it. */

/** A quoted text. Without `multiline` it ends with its line; with `escapes` a backslash takes the next character with it. */
export type StringRule = { open: string; close: string; escapes: boolean; multiline: boolean };

/** What of a language cannot be told by marks alone. */
export type LexicalFeature =
  /** Back-quoted text with `${…}` inside. */
  | 'templates'
  /** A slash in the place of a value starts a regular expression. */
  | 'regexes'
  /** `'a` is a lifetime, `'a'` a character; `r#"…"#` is raw. */
  | 'rust'
  /** `R"x(…)x"` is raw, `1'000` a number. */
  | 'cpp'
  /** `[==[ … ]==]`, and comments of that form. */
  | 'longBrackets'
  /** A triple-quoted text that is a statement of its own is a comment. */
  | 'docstrings'
  /** A line comment starts a line or follows white space. */
  | 'spacedComments'
  /** A line comment starts a line. */
  | 'lineStartComments'
  /** A quote after a letter belongs to the name. */
  | 'primes';

export type LexicalSyntax = {
  /** Marks of comments that end with their line. */
  line: readonly string[];
  /** Marks of comments with an end of their own; one that starts with `\n` counts only at the start of a line. */
  block: readonly (readonly [open: string, close: string])[];
  /** True: block comments nest. */
  nested: boolean;
  strings: readonly StringRule[];
  features: ReadonlySet<LexicalFeature>;
};

const quoted = (mark: string): StringRule => ({ open: mark, close: mark, escapes: true, multiline: false });
const long = (open: string, close = open, escapes = true): StringRule => ({ open, close, escapes, multiline: true });

type Written = Partial<Omit<LexicalSyntax, 'features'>> & { features?: readonly LexicalFeature[] };

function syntax({ line = [], block = [], nested = false, strings = [], features = [] }: Written): LexicalSyntax {
  return { line, block, nested, strings, features: new Set(features) };
}

const slashStar = [['/*', '*/']] as const;
const slashes = { line: ['//'], block: slashStar };
const bothQuotes = [quoted('"'), quoted("'")];
const triples = [long('"""'), long("'''")];
const hash = syntax({ line: ['#'], strings: bothQuotes });
const cFamily = syntax({ ...slashes, strings: bothQuotes });
const javascript = syntax({ ...slashes, strings: bothQuotes, features: ['templates', 'regexes'] });
const jvm = syntax({ ...slashes, strings: [long('"""'), ...bothQuotes] });
const nestedJvm = syntax({ ...slashes, nested: true, strings: [long('"""', '"""', false), ...bothQuotes] });
const markup = syntax({ block: [['<!--', '-->']] });
const lisp = syntax({ line: [';'], block: [['#|', '|#']], strings: [long('"')] });
const component = syntax({
  block: [['<!--', '-->'], ...slashStar],
  line: ['//'],
  features: ['lineStartComments', 'templates'],
});

/** Languages without an entry have no comments that we know. */
const syntaxes: Readonly<Record<string, LexicalSyntax>> = {
  assembly: syntax({ line: [';', '//', '#'], block: slashStar, features: ['lineStartComments'] }),
  astro: component,
  awk: hash,
  c: cFamily,
  clojure: lisp,
  cmake: syntax({ line: ['#'], block: [['#[[', ']]']], strings: [long('"')] }),
  cpp: syntax({ ...slashes, strings: bothQuotes, features: ['cpp'] }),
  crystal: hash,
  csharp: syntax({ ...slashes, strings: [long('"""', '"""', false), long('@"', '"', false), ...bothQuotes] }),
  css: syntax({ ...slashes, strings: bothQuotes, features: ['spacedComments'] }),
  cue: cFamily,
  d: syntax({ line: ['//'], block: [...slashStar, ['/+', '+/']], strings: [...bothQuotes, long('`', '`', false)] }),
  dart: syntax({ ...slashes, nested: true, strings: [...triples, ...bothQuotes] }),
  dockerfile: syntax({ line: ['#'], features: ['lineStartComments'] }),
  elisp: lisp,
  elixir: syntax({ line: ['#'], strings: [...triples, ...bothQuotes] }),
  elm: syntax({
    line: ['--'],
    block: [['{-', '-}']],
    nested: true,
    strings: [long('"""'), quoted('"')],
    features: ['primes'],
  }),
  erlang: syntax({ line: ['%'], strings: [quoted('"')] }),
  fortran: syntax({ line: ['!'], strings: bothQuotes }),
  fsharp: syntax({
    line: ['//'],
    block: [['(*', '*)']],
    nested: true,
    strings: [long('"""'), long('"')],
    features: ['primes'],
  }),
  go: syntax({ ...slashes, strings: [...bothQuotes, long('`', '`', false)] }),
  'go-module': syntax({ line: ['//'] }),
  graphql: syntax({ line: ['#'], strings: [long('"""'), quoted('"')] }),
  groovy: syntax({ ...slashes, strings: [...triples, ...bothQuotes] }),
  haskell: syntax({ line: ['--'], block: [['{-', '-}']], nested: true, strings: [quoted('"')], features: ['primes'] }),
  hcl: syntax({ line: ['#', '//'], block: slashStar, strings: [quoted('"')] }),
  html: markup,
  ini: syntax({ line: ['#', ';'], features: ['lineStartComments'] }),
  java: jvm,
  javascript,
  json: syntax({ ...slashes, strings: [quoted('"')] }),
  jsonnet: syntax({ line: ['//', '#'], block: slashStar, strings: [long('|||', '|||', false), ...bothQuotes] }),
  julia: syntax({
    line: ['#'],
    block: [['#=', '=#']],
    nested: true,
    strings: [long('"""'), quoted('"')],
    features: ['primes'],
  }),
  kotlin: nestedJvm,
  latex: syntax({ line: ['%'] }),
  lisp,
  lua: syntax({ line: ['--'], strings: bothQuotes, features: ['longBrackets'] }),
  make: syntax({ line: ['#'], features: ['spacedComments'] }),
  markdown: markup,
  nim: syntax({ line: ['#'], block: [['#[', ']#']], nested: true, strings: [long('"""'), quoted('"')] }),
  nix: syntax({ line: ['#'], block: slashStar, strings: [long("''", "''", false), long('"')] }),
  objectivec: cFamily,
  ocaml: syntax({ block: [['(*', '*)']], nested: true, strings: [long('"')], features: ['primes'] }),
  pascal: syntax({
    line: ['//'],
    block: [
      ['{', '}'],
      ['(*', '*)'],
    ],
    strings: [quoted("'")],
  }),
  perl: syntax({ line: ['#'], block: [['\n=', '\n=cut']], strings: bothQuotes, features: ['spacedComments'] }),
  // Text outside the code and in here-documents has apostrophes: their strings end with the line, too.
  php: syntax({ line: ['//', '#'], block: slashStar, strings: bothQuotes }),
  powershell: syntax({ line: ['#'], block: [['<#', '#>']], strings: [long('"'), long("'", "'", false)] }),
  prisma: syntax({ line: ['//'], strings: [quoted('"')] }),
  protobuf: cFamily,
  python: syntax({ line: ['#'], strings: [...triples, ...bothQuotes], features: ['docstrings'] }),
  r: hash,
  racket: lisp,
  rego: syntax({ line: ['#'], strings: [quoted('"'), long('`', '`', false)] }),
  ruby: syntax({
    line: ['#'],
    block: [['\n=begin', '\n=end']],
    strings: bothQuotes,
    features: ['spacedComments'],
  }),
  rust: syntax({ ...slashes, nested: true, strings: [long('"')], features: ['rust'] }),
  scala: nestedJvm,
  scheme: lisp,
  shell: syntax({ line: ['#'], strings: bothQuotes, features: ['spacedComments'] }),
  solidity: cFamily,
  sql: syntax({ line: ['--'], block: slashStar, strings: [long("'", "'", false), quoted('"')] }),
  starlark: syntax({ line: ['#'], strings: [...triples, ...bothQuotes], features: ['docstrings'] }),
  svelte: component,
  swift: syntax({ ...slashes, nested: true, strings: [long('"""'), quoted('"')] }),
  template: syntax({
    block: [
      ['<!--', '-->'],
      ['{{/*', '*/}}'],
      ['{{- /*', '*/}}'],
      ['{{- /*', '*/ -}}'],
      ['{#', '#}'],
    ],
    line: ['#'],
    features: ['lineStartComments'],
  }),
  thrift: syntax({ line: ['//', '#'], block: slashStar, strings: bothQuotes }),
  toml: syntax({ line: ['#'], strings: [...triples, ...bothQuotes] }),
  typescript: javascript,
  verilog: syntax({ ...slashes, strings: [quoted('"')] }),
  vhdl: syntax({ line: ['--'], strings: [quoted('"')] }),
  vim: syntax({ line: ['"'], features: ['lineStartComments'] }),
  vue: component,
  wasm: syntax({ line: [';;'], block: [['(;', ';)']], nested: true, strings: [quoted('"')] }),
  xml: markup,
  yaml: syntax({ line: ['#'], strings: [], features: ['spacedComments'] }),
  zig: syntax({ line: ['//'], strings: [quoted('"'), quoted("'")] }),
};

const unknown = syntax({});

/** The comment and string marks of a language; none for one that we do not know. */
export function lexicalSyntaxOf(language: string): LexicalSyntax {
  return Object.hasOwn(syntaxes, language) ? (syntaxes[language] as LexicalSyntax) : unknown;
}

/** True when we know how comments are written in a language. */
export function knowsComments(language: string): boolean {
  return Object.hasOwn(syntaxes, language);
}

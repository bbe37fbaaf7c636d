/** Decides how Elixir, Haskell, Swift and Zig are read. */
import type { Peek, Span } from '../peek.ts';
import type { SymbolKind } from '../types.ts';
import {
  hasWord,
  isTypeKind,
  type LanguageRules,
  listedNames,
  type NameFinder,
  named,
  namedByType,
  type ParsedImport,
  unquoted,
  valueKind,
} from './rule.ts';

const elixirKinds: Readonly<Record<string, SymbolKind>> = {
  defmodule: 'module',
  defprotocol: 'interface',
  defimpl: 'class',
  def: 'function',
  defp: 'function',
  defdelegate: 'function',
  defguard: 'function',
  defguardp: 'function',
  defmacro: 'macro',
  defmacrop: 'macro',
  test: 'test',
};

function elixirTarget(peek: Peek): string {
  const target = peek.field('target');
  return target?.type === 'identifier' ? peek.textOf(target) : '';
}

/** `get` of `def get(a, b) when …`. */
function elixirHead(peek: Peek): Span | undefined {
  const guarded = peek.in(
    ['binary_operator'],
    () => peek.in(['call'], () => peek.field('target')) ?? peek.child('identifier'),
  );
  return guarded ?? peek.in(['call'], () => peek.field('target')) ?? peek.child('identifier', 'alias', 'string');
}

const elixirName: NameFinder = (peek) =>
  elixirKinds[elixirTarget(peek)] === undefined ? undefined : peek.in(['arguments'], () => elixirHead(peek));

function elixirImport(peek: Peek): ParsedImport[] {
  if (!/^(?:alias|import|require|use)$/.test(elixirTarget(peek))) return [];
  const text = peek.textOf(peek.here()).replace(/^\w+\s*\(?\s*/, '');
  const match = /^([\w.]+?)(?:\.\{([^}]*)\})?(?:[,\s)]|$)/.exec(text);
  return match === null ? [] : [{ module: match[1] as string, names: listedNames(match[2] ?? '') }];
}

/** The text of `@moduledoc`, which opens a module's body. */
function moduleDoc(peek: Peek): Span | undefined {
  const body = peek.child('do_block');
  if (body === undefined) return undefined;
  const attribute = /do\s+@moduledoc\s+(?:~[sS])?("""|")/y;
  attribute.lastIndex = body.start;
  const mark = attribute.exec(peek.text)?.[1];
  if (mark === undefined) return undefined;
  const end = peek.text.indexOf(mark, attribute.lastIndex);
  const start = attribute.lastIndex - mark.length;
  return end < 0 || end > body.end ? undefined : { start, end: end + mark.length, type: 'string' };
}

/** `@max 10` is a constant, `@type t :: …` a type; `@spec` and the like define nothing. */
const reservedAttributes =
  /^(?:moduledoc|doc|spec|impl|typedoc|deprecated|since|behaviour|before_compile|after_compile|on_load|derive|enforce_keys|dialyzer|compile|external_resource|callback|macrocallback|optional_callbacks|tag|moduletag|describetag)$/;
const attributeText = /^@(\w+)[ \t]+(\w*)/;

const attributeName: NameFinder = (peek) => {
  const here = peek.here();
  const match = attributeText.exec(peek.text.slice(here.start, Math.min(here.end, here.start + 200)));
  if (match === null || reservedAttributes.test(match[1] as string)) return undefined;
  const isType = /^(?:type|typep|opaque)$/.test(match[1] as string);
  return { ...here, start: here.start + 1, label: (isType ? match[2] : match[1]) as string };
};

function attributeKind(peek: Peek): SymbolKind {
  return /^@(?:type|typep|opaque)\b/.test(peek.text.slice(peek.here().start, peek.here().start + 8))
    ? 'type'
    : 'constant';
}

const documented = /^@(?:doc|spec|impl|typedoc|deprecated|since)\b/;

export const elixir: LanguageRules = {
  comments: ['comment'],
  definitions: {
    call: { kind: (peek) => elixirKinds[elixirTarget(peek)], name: elixirName },
    unary_operator: { kind: attributeKind, name: attributeName },
  },
  blocks: ['do_block', 'else_block', 'stab_clause', 'body'],
  calls: { call: { field: 'target' } },
  typeLeaves: ['alias'],
  imports: { call: elixirImport },
  decisions: ['stab_clause', 'else_block'],
  decisionTokens: ['and', 'or', '&&', '||'],
  attached: ['unary_operator'],
  isAttached: (peek) => documented.test(peek.text.slice(peek.here().start, peek.here().start + 16)),
  ignored: new Set(
    'if unless case cond with for fn quote unquote raise defstruct defexception moduledoc doc spec type typep opaque impl typedoc callback behaviour'.split(
      ' ',
    ),
  ),
  opaque: ['charlist', 'atom'],
  mergeClauses: true,
  innerDoc: moduleDoc,
  exported: (head) => !/^\s*def(?:p|macrop|guardp)\b/.test(head),
};

function haskellImport(peek: Peek): ParsedImport[] {
  const match =
    /^import\s+(?:qualified\s+)?([\w.]+)(?:\s+qualified)?(?:\s+as\s+[\w.]+)?\s*(hiding)?\s*(?:\(([\s\S]*)\))?/.exec(
      peek.textOf(peek.here()),
    );
  if (match === null) return [];
  const names = match[2] === undefined ? listedNames((match[3] ?? '').replace(/\([^)]*\)/g, '')) : [];
  return [{ module: match[1] as string, names }];
}

/** `f` of `f x y`, which is `(f x) y`. */
function applied(peek: Peek): Span | undefined {
  const called = peek.field('function');
  return called !== undefined && /^(?:variable|qualified)$/.test(called.type) ? called : undefined;
}

const inClass = (peek: Peek): boolean => peek.parentType === 'class_declarations';

export const haskell: LanguageRules = {
  comments: ['comment', 'haddock'],
  definitions: {
    function: { kind: 'function' },
    bind: { kind: 'variable' },
    signature: { kind: (peek) => (inClass(peek) ? 'method' : undefined), bodiless: true },
    data_type: { kind: 'struct' },
    newtype: { kind: 'struct' },
    data_constructor: { kind: 'member', name: named('constructor', 'name') },
    field: { kind: 'field' },
    type_synomym: { kind: 'type' },
    class: { kind: 'trait' },
    instance: { kind: 'class', scopeOnly: true },
  },
  flatBlocks: ['declarations', 'imports'],
  blocks: ['class_declarations', 'instance_declarations', 'fields', 'data_constructors', 'alternatives', 'local_binds'],
  calls: { apply: { find: applied } },
  typeLeaves: ['name'],
  ignored: new Set('String Int Integer Bool Char Double Float IO Maybe Either'.split(' ')),
  imports: { import: haskellImport },
  decisions: ['conditional', 'alternative', 'guards', 'multi_way_if'],
  attached: ['signature'],
  isAttached: (peek) => !inClass(peek),
  opaque: ['header', 'string', 'literal'],
  mergeClauses: true,
};

const swiftKeywords: Readonly<Record<string, SymbolKind>> = {
  class: 'class',
  actor: 'class',
  struct: 'struct',
  enum: 'enum',
  extension: 'type',
};
const swiftKeyword = (peek: Peek): string => peek.child(...Object.keys(swiftKeywords))?.type ?? 'class';
const swiftFunction: NameFinder = (peek) => peek.child('init', 'simple_identifier');

export const swift: LanguageRules = {
  comments: ['comment', 'multiline_comment'],
  definitions: {
    class_declaration: { kind: (peek) => swiftKinds(peek), scopeOnly: (peek) => swiftKeyword(peek) === 'extension' },
    protocol_declaration: { kind: 'interface' },
    function_declaration: { kind: 'function', name: swiftFunction },
    deinit_declaration: { kind: 'method', name: namedByType('deinit') },
    protocol_function_declaration: { kind: 'method', bodiless: true },
    protocol_property_declaration: { kind: 'field', name: named('name', 'bound_identifier') },
    property_declaration: { kind: valueKind, name: named('name', 'bound_identifier') },
    enum_entry: {
      kind: 'member',
      name: (peek) => peek.fields('name').filter((span) => span.type === 'simple_identifier'),
      flat: true,
    },
    typealias_declaration: { kind: 'type' },
  },
  blocks: ['class_body', 'protocol_body', 'enum_class_body', 'statements', 'switch_statement'],
  calls: { call_expression: { first: true } },
  typeLeaves: ['type_identifier'],
  ignored: new Set('String Int Bool Double Float Void Any Character Self'.split(' ')),
  mentions: { attribute: { find: (peek) => peek.child('user_type') } },
  imports: {
    import_declaration: (peek) => {
      const name = peek.child('identifier');
      return name === undefined ? [] : [{ module: peek.textOf(name), names: [] }];
    },
  },
  decisions: [
    'if_statement',
    'guard_statement',
    'for_statement',
    'while_statement',
    'repeat_while_statement',
    'switch_entry',
    'catch_block',
    'ternary_expression',
  ],
  decisionTokens: ['&&', '||', '??'],
  opaque: ['line_str_text'],
  exported: (head) => !hasWord(head, 'private', 'fileprivate', 'internal'),
};

function swiftKinds(peek: Peek): SymbolKind {
  return swiftKeywords[swiftKeyword(peek)] ?? 'class';
}

const zigContainers: Readonly<Record<string, SymbolKind>> = {
  struct_declaration: 'struct',
  union_declaration: 'struct',
  opaque_declaration: 'struct',
  enum_declaration: 'enum',
  error_set_declaration: 'enum',
};

function zigKind(peek: Peek, name: string): SymbolKind {
  const container = peek.child(...Object.keys(zigContainers));
  if (container !== undefined) return zigContainers[container.type] ?? 'struct';
  return /^[A-Z][A-Z0-9_]*$/.test(name) ? 'constant' : 'variable';
}

function zigImport(peek: Peek): ParsedImport[] {
  const match = /^@import\(\s*"([^"]+)"/.exec(peek.textOf(peek.here()).slice(0, 300));
  return match === null ? [] : [{ module: match[1] as string, names: [] }];
}

const zigTypes = ['type'] as const;

export const zig: LanguageRules = {
  comments: ['comment'],
  definitions: {
    function_declaration: { kind: 'function' },
    variable_declaration: { kind: zigKind, name: namedByType('identifier') },
    container_field: { kind: (peek) => (peek.scopeKind === 'enum' ? 'member' : 'field') },
    test_declaration: {
      kind: 'test',
      name: (peek) => {
        const title = peek.child('string', 'identifier');
        return title === undefined ? undefined : { ...title, label: unquoted(peek.textOf(title)) };
      },
      whole: true,
    },
  },
  blocks: ['struct_declaration', 'union_declaration', 'enum_declaration', 'block', 'switch_expression'],
  calls: { call_expression: { field: 'function' } },
  typeFields: {
    parameter: zigTypes,
    container_field: zigTypes,
    variable_declaration: zigTypes,
    function_declaration: zigTypes,
  },
  ignored: new Set(
    'u8 u16 u32 u64 i8 i16 i32 i64 usize isize bool void anytype type f32 f64 anyerror noreturn'.split(' '),
  ),
  imports: { builtin_function: zigImport },
  decisions: ['if_statement', 'if_expression', 'for_statement', 'while_statement', 'switch_case', 'catch_expression'],
  decisionTokens: ['and', 'or', 'orelse'],
  opaque: ['string', 'multiline_string'],
  exported: (head, _name, peek) =>
    hasWord(head, 'pub') || (isTypeKind(peek.scopeKind) && !/\b(?:fn|const|var)\b/.test(head)),
};

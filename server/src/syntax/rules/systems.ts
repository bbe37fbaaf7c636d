/** Decides how Swift and Zig are read. */
import type { Peek } from '../peek.ts';
import type { SymbolKind } from '../types.ts';
import {
  hasWord,
  isTypeKind,
  type LanguageRules,
  type NameFinder,
  named,
  namedByType,
  type ParsedImport,
  unquoted,
  valueKind,
} from './rule.ts';

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

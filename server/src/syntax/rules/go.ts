/** Decides how Go is read. */
import type { Peek } from '../peek.ts';
import type { SymbolKind } from '../types.ts';
import { type LanguageRules, type NameFinder, type ParsedImport, unquoted } from './rule.ts';

const everyName: NameFinder = (peek) => peek.fields('name');

function typeKind(peek: Peek): SymbolKind {
  const type = peek.field('type')?.type;
  if (type === 'struct_type') return 'struct';
  return type === 'interface_type' ? 'interface' : 'type';
}

/** `Store` of `(s *Store[T])`. */
function receiver(peek: Peek): string | undefined {
  const span = peek.field('receiver');
  if (span === undefined) return undefined;
  return /([\p{L}_][\p{L}\w]*)\s*(?:\[[^\]]*\])?\s*,?\s*\)$/u.exec(peek.textOf(span))?.[1];
}

function importOf(peek: Peek): ParsedImport[] {
  const path = peek.field('path');
  if (path === undefined) return [];
  const alias = peek.field('name');
  const names = alias === undefined ? [] : [peek.textOf(alias)].filter((name) => name !== '.' && name !== '_');
  return [{ module: unquoted(peek.textOf(path)), names }];
}

export const go: LanguageRules = {
  comments: ['comment'],
  definitions: {
    function_declaration: { kind: 'function' },
    method_declaration: { kind: 'method', parent: receiver },
    method_elem: { kind: 'method', bodiless: true },
    type_spec: { kind: typeKind },
    type_alias: { kind: 'type' },
    const_spec: { kind: 'constant', name: everyName },
    var_spec: { kind: 'variable', name: everyName },
    field_declaration: { kind: 'field', name: everyName },
  },
  groups: ['type_declaration', 'const_declaration', 'var_declaration', 'var_spec_list'],
  blocks: [
    'statement_list',
    'field_declaration_list',
    'interface_type',
    'const_declaration',
    'type_declaration',
    'var_spec_list',
    'literal_value',
  ],
  calls: { call_expression: { field: 'function' } },
  typeLeaves: ['type_identifier'],
  ignored: new Set(
    (
      'any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr ' +
      'append cap clear close copy delete len make max min new panic print println recover'
    ).split(' '),
  ),
  imports: { import_spec: importOf },
  decisions: ['if_statement', 'for_statement', 'expression_case', 'type_case', 'communication_case'],
  decisionTokens: ['&&', '||'],
  opaque: ['interpreted_string_literal', 'raw_string_literal', 'rune_literal', 'package_clause'],
  exported: (_head, name) => /^\p{Lu}/u.test(name),
};

/** Decides how C# is read. */
import type { Peek } from '../peek.ts';
import { hasWord, type LanguageRules, type NameFinder, namedByType, type ParsedImport, valueKind } from './rule.ts';

function using(peek: Peek): ParsedImport[] {
  const match = /^(?:global\s+)?using\s+(?:static\s+)?(?:(\w+)\s*=\s*)?([\w.:]+)/.exec(peek.textOf(peek.here()));
  if (match === null) return [];
  return [{ module: match[2] as string, names: match[1] === undefined ? [] : [match[1]] }];
}

/** `operator +`. */
const operator: NameFinder = (peek) => {
  const keyword = peek.child('operator');
  const mark = peek.field('operator');
  return keyword === undefined || mark === undefined
    ? undefined
    : { ...keyword, label: `operator${peek.textOf(mark)}` };
};

const operandTypes = ['type'] as const;

export const csharp: LanguageRules = {
  comments: ['comment'],
  definitions: {
    namespace_declaration: { kind: 'module', whole: true },
    file_scoped_namespace_declaration: { kind: 'module', whole: true },
    class_declaration: { kind: 'class' },
    record_declaration: { kind: 'class' },
    struct_declaration: { kind: 'struct' },
    interface_declaration: { kind: 'interface' },
    enum_declaration: { kind: 'enum' },
    enum_member_declaration: { kind: 'member' },
    delegate_declaration: { kind: 'type' },
    method_declaration: { kind: 'method' },
    local_function_statement: { kind: 'function' },
    constructor_declaration: { kind: 'method' },
    destructor_declaration: { kind: 'method' },
    operator_declaration: { kind: 'method', name: operator },
    indexer_declaration: { kind: 'method', name: namedByType('this') },
    property_declaration: { kind: 'field' },
    event_declaration: { kind: 'field' },
    variable_declarator: { kind: valueKind },
  },
  wrappers: ['field_declaration', 'event_field_declaration', 'variable_declaration'],
  blocks: ['declaration_list', 'enum_member_declaration_list', 'block', 'switch_body', 'accessor_list'],
  calls: { invocation_expression: { field: 'function' }, object_creation_expression: { field: 'type' } },
  typeTexts: ['base_list', 'type_argument_list'],
  typeFields: {
    parameter: operandTypes,
    variable_declaration: operandTypes,
    property_declaration: operandTypes,
    method_declaration: ['returns'],
    object_creation_expression: operandTypes,
    cast_expression: operandTypes,
    typeof_expression: operandTypes,
    catch_declaration: operandTypes,
    type_parameter_constraint: operandTypes,
  },
  ignored: new Set(
    'var int string bool void object long double float decimal byte char short uint ulong dynamic'.split(' '),
  ),
  mentions: { attribute: { field: 'name' } },
  imports: { using_directive: using },
  decisions: [
    'if_statement',
    'for_statement',
    'foreach_statement',
    'while_statement',
    'do_statement',
    'switch_section',
    'switch_expression_arm',
    'catch_clause',
    'conditional_expression',
  ],
  decisionTokens: ['&&', '||', '??'],
  opaque: ['string_literal', 'verbatim_string_literal', 'raw_string_literal', 'character_literal'],
  exported: (head, _name, peek) =>
    peek.here().type.includes('namespace')
      ? undefined
      : hasWord(head, 'public') || peek.scopeKind === 'interface' || peek.scopeKind === 'enum',
};

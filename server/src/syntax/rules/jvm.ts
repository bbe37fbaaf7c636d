/** Decides how Java, Kotlin and Scala are read. */
import type { Peek } from '../peek.ts';
import type { SymbolKind } from '../types.ts';
import {
  hasWord,
  type LanguageRules,
  listedNames,
  type NameFinder,
  named,
  namedByType,
  type ParsedImport,
  renamesIn,
  valueKind,
  withRenames,
} from './rule.ts';

/** `a.b.C` as the module `a.b` with the name `C`; `a.b.*` as the whole of `a.b`. */
function dottedImport(text: string): ParsedImport[] {
  const [path = '', as] = text.replace(/[\s;]+$/, '').split(/\s+as\s+/);
  const cut = path.lastIndexOf('.');
  if (cut < 0) return [{ module: path, names: [] }];
  const name = path.slice(cut + 1);
  return [
    {
      module: path.slice(0, cut),
      names: /^[*_]$/.test(name) ? [] : [name],
      ...withRenames(as === undefined ? [] : [{ name, as }]),
    },
  ];
}

const statementImport = (peek: Peek): ParsedImport[] =>
  dottedImport(peek.textOf(peek.here()).replace(/^import\s+(?:static\s+)?/, ''));

/** Scala's `a.b.{C, D => E}`. */
function scalaImport(peek: Peek): ParsedImport[] {
  const text = peek.textOf(peek.here()).replace(/^import\s+/, '');
  const match = /^([^{]*?)\.\{([\s\S]*)\}/.exec(text);
  if (match === null) return dottedImport(text);
  return [
    { module: (match[1] as string).trim(), names: listedNames(match[2] as string), ...renamesIn(match[2] as string) },
  ];
}

const notPrivate = (head: string): boolean => !hasWord(head, 'private', 'protected');
/** What an interface or an enum lists is public without saying so. */
const listed = (peek: Peek): boolean => peek.scopeKind === 'interface' || peek.scopeKind === 'enum';

export const java: LanguageRules = {
  comments: ['line_comment', 'block_comment'],
  definitions: {
    class_declaration: { kind: 'class' },
    record_declaration: { kind: 'class' },
    interface_declaration: { kind: 'interface' },
    annotation_type_declaration: { kind: 'interface' },
    annotation_type_element_declaration: { kind: 'method', bodiless: true },
    enum_declaration: { kind: 'enum' },
    enum_constant: { kind: 'member' },
    method_declaration: { kind: 'method' },
    constructor_declaration: { kind: 'method' },
    compact_constructor_declaration: { kind: 'method' },
    variable_declarator: { kind: valueKind },
  },
  wrappers: ['field_declaration', 'constant_declaration'],
  blocks: [
    'class_body',
    'interface_body',
    'enum_body',
    'enum_body_declarations',
    'annotation_type_body',
    'block',
    'constructor_body',
    'switch_block',
  ],
  calls: { method_invocation: { field: 'name' }, object_creation_expression: { field: 'type' } },
  typeLeaves: ['type_identifier'],
  ignored: new Set(['String', 'Object', 'Integer', 'Long', 'Boolean', 'var']),
  mentions: {
    marker_annotation: { field: 'name' },
    annotation: { field: 'name' },
    method_reference: { find: (peek) => peek.here() },
  },
  imports: { import_declaration: statementImport },
  decisions: [
    'if_statement',
    'for_statement',
    'enhanced_for_statement',
    'while_statement',
    'do_statement',
    'switch_label',
    'catch_clause',
    'ternary_expression',
  ],
  decisionTokens: ['&&', '||'],
  opaque: ['string_literal', 'character_literal', 'package_declaration'],
  exported: (head, _name, peek) => hasWord(head, 'public') || (listed(peek) && notPrivate(head)),
};

function kotlinClassKind(peek: Peek): SymbolKind {
  if (peek.child('interface') !== undefined) return 'interface';
  return peek.child('enum') !== undefined ? 'enum' : 'class';
}

const kotlinProperty: NameFinder = (peek) => peek.in(['variable_declaration'], () => peek.child('simple_identifier'));

export const kotlin: LanguageRules = {
  comments: ['line_comment', 'multiline_comment'],
  definitions: {
    class_declaration: { kind: kotlinClassKind, name: namedByType('type_identifier') },
    object_declaration: { kind: 'class', name: namedByType('type_identifier') },
    function_declaration: { kind: 'function', name: namedByType('simple_identifier') },
    secondary_constructor: { kind: 'method', name: namedByType('constructor') },
    property_declaration: { kind: valueKind, name: kotlinProperty },
    enum_entry: { kind: 'member', name: namedByType('simple_identifier') },
    type_alias: { kind: 'type', name: namedByType('type_identifier') },
  },
  blocks: ['class_body', 'enum_class_body', 'statements', 'when_expression'],
  flatBlocks: ['import_list'],
  calls: { call_expression: { first: true }, constructor_invocation: { first: true } },
  typeLeaves: ['type_identifier'],
  ignored: new Set('String Int Long Boolean Double Float Unit Any Char Byte Short Nothing'.split(' ')),
  mentions: { annotation: { find: (peek) => peek.child('user_type') } },
  imports: { import_header: statementImport },
  decisions: [
    'if_expression',
    'for_statement',
    'while_statement',
    'do_while_statement',
    'when_entry',
    'catch_block',
    'elvis_expression',
  ],
  decisionTokens: ['&&', '||'],
  opaque: ['package_header'],
  exported: (head) => !hasWord(head, 'private', 'protected', 'internal'),
};

export const scala: LanguageRules = {
  comments: ['comment', 'block_comment'],
  definitions: {
    class_definition: { kind: 'class' },
    object_definition: { kind: 'class' },
    package_object: { kind: 'module' },
    trait_definition: { kind: 'trait' },
    enum_definition: { kind: 'enum' },
    simple_enum_case: { kind: 'member' },
    full_enum_case: { kind: 'member' },
    function_definition: { kind: 'function' },
    function_declaration: { kind: 'function', bodiless: true },
    val_definition: { kind: valueKind, name: named('pattern') },
    var_definition: { kind: valueKind, name: named('pattern') },
    given_definition: { kind: 'variable' },
    type_definition: { kind: 'type' },
  },
  blocks: ['template_body', 'enum_body', 'block', 'case_block', 'indented_block', 'indented_cases'],
  calls: { call_expression: { field: 'function' }, instance_expression: { find: namedTypeOf } },
  typeLeaves: ['type_identifier'],
  ignored: new Set('String Int Long Boolean Double Float Unit Any AnyRef Char Byte Short Nothing'.split(' ')),
  mentions: { annotation: { field: 'name' } },
  imports: { import_declaration: scalaImport },
  decisions: ['if_expression', 'for_expression', 'while_expression', 'case_clause', 'catch_clause'],
  opaque: ['package_clause', 'string'],
  exported: notPrivate,
};

/** The class that `new` makes. */
function namedTypeOf(peek: Peek): ReturnType<Peek['child']> {
  return peek.child('type_identifier', 'generic_type', 'stable_type_identifier');
}

/** Decides how C and C++ are read. */
import type { Peek } from '../peek.ts';
import type { SymbolKind } from '../types.ts';
import {
  hasWord,
  isTypeKind,
  type LanguageRules,
  type NameFinder,
  named,
  type ParsedImport,
  unquoted,
  valueKind,
} from './rule.ts';

const throughDeclarators = new Set([
  'pointer_declarator',
  'parenthesized_declarator',
  'reference_declarator',
  'array_declarator',
  'attributed_declarator',
]);

/** The name at the bottom of nested declarators: `int (*names[3])(void)` declares `names`. */
const declared: NameFinder = (peek) => {
  const { span, passed } = peek.deepest('declarator', throughDeclarators);
  return passed.length > 0 && /identifier$|name$/.test(span.type) ? span : undefined;
};

const withBody: NameFinder = (peek) => (peek.field('body') === undefined ? undefined : peek.field('name'));

function isFunction(peek: Peek): boolean {
  const { passed } = peek.deepest('declarator', throughDeclarators);
  return passed.includes('function_declarator') && !passed.includes('parenthesized_declarator');
}

function declarationKind(peek: Peek, name: string): SymbolKind {
  if (isFunction(peek)) return isTypeKind(peek.scopeKind) ? 'method' : 'function';
  const text = peek.text.slice(peek.here().start, peek.here().start + 120);
  return /\b(?:const|constexpr)\b/.test(text) && /^k?[A-Z]/.test(name) ? 'constant' : valueKind(peek, name);
}

function typedefKind(peek: Peek): SymbolKind {
  const type = peek.field('type')?.type;
  if (type === 'enum_specifier' && peek.field('type', 'body') !== undefined) return 'enum';
  return type === 'struct_specifier' && peek.field('type', 'body') !== undefined ? 'struct' : 'type';
}

function include(peek: Peek): ParsedImport[] {
  const path = peek.field('path');
  return path === undefined ? [] : [{ module: unquoted(peek.textOf(path)), names: [] }];
}

export const c: LanguageRules = {
  comments: ['comment'],
  definitions: {
    function_definition: { kind: 'function', name: declared },
    declaration: { kind: declarationKind, name: declared, bodiless: true },
    field_declaration: { kind: declarationKind, name: declared, bodiless: true },
    struct_specifier: { kind: 'struct', name: withBody },
    union_specifier: { kind: 'struct', name: withBody },
    enum_specifier: { kind: 'enum', name: withBody },
    enumerator: { kind: 'member' },
    type_definition: { kind: typedefKind, name: declared },
    preproc_def: { kind: 'macro' },
    preproc_function_def: { kind: 'macro' },
  },
  blocks: ['compound_statement', 'field_declaration_list', 'enumerator_list', 'declaration_list', 'initializer_list'],
  flatBlocks: ['preproc_ifdef', 'preproc_if', 'preproc_else', 'preproc_elif'],
  calls: { call_expression: { field: 'function' } },
  typeLeaves: ['type_identifier'],
  imports: { preproc_include: include },
  decisions: [
    'if_statement',
    'for_statement',
    'while_statement',
    'do_statement',
    'case_statement',
    'conditional_expression',
  ],
  decisionTokens: ['&&', '||'],
  opaque: ['string_literal', 'char_literal', 'preproc_arg', 'system_lib_string'],
  exported: (head) => !hasWord(head, 'static'),
};

/** `using namespace std;` and `using std::string;`. */
function using(peek: Peek): ParsedImport[] {
  const match = /^using\s+(?:namespace\s+)?([\w:]+)/.exec(peek.textOf(peek.here()));
  return match === null ? [] : [{ module: match[1] as string, names: [] }];
}

export const cpp: LanguageRules = {
  ...c,
  definitions: {
    ...c.definitions,
    class_specifier: { kind: 'class', name: withBody },
    namespace_definition: { kind: 'module', name: named('name') },
    alias_declaration: { kind: 'type' },
    concept_definition: { kind: 'type' },
  },
  wrappers: ['template_declaration'],
  calls: { call_expression: { field: 'function' }, new_expression: { field: 'type' } },
  imports: { preproc_include: include, using_declaration: using },
  decisions: [...(c.decisions ?? []), 'for_range_loop', 'catch_clause'],
  opaque: [...(c.opaque ?? []), 'raw_string_literal'],
};

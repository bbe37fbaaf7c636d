/** Decides how JavaScript, TypeScript and their JSX forms are read. */
import type { Peek, Span } from '../peek.ts';
import type { SymbolKind } from '../types.ts';
import {
  hasWord,
  type LanguageRules,
  listedNames,
  type NameFinder,
  namedByType,
  type ParsedImport,
  renamesIn,
  unquoted,
  valueKind,
  withRenames,
} from './rule.ts';

const functionValues = new Set(['arrow_function', 'function_expression', 'generator_function', 'function']);

function declaredKind(peek: Peek, name: string): SymbolKind {
  const value = peek.field('value')?.type ?? '';
  if (functionValues.has(value)) return 'function';
  if (value === 'class') return 'class';
  const keyword = peek.wrapperStart < 0 ? '' : peek.text.slice(peek.wrapperStart, peek.here().start);
  return hasWord(keyword, 'const') && value !== 'await_expression' ? 'constant' : valueKind(peek, name);
}

/** A plain name; destructuring names what exists already. */
const plainName: NameFinder = (peek) => {
  const span = peek.field('name');
  return span?.type === 'identifier' ? span : undefined;
};

/** A class field, a method where its value is a function. */
function fieldKind(peek: Peek): SymbolKind {
  return functionValues.has(peek.field('value')?.type ?? '') ? 'method' : 'field';
}

const memberName: NameFinder = (peek) => peek.field('name') ?? peek.field('property');

/** `Server.prototype.close = function` and `exports.other = () =>`; other assignments define nothing. */
const assignedFunction: NameFinder = (peek) => {
  const left = peek.field('left');
  if (left?.type !== 'member_expression' || !functionValues.has(peek.field('right')?.type ?? '')) return undefined;
  const label = peek
    .textOf(left)
    .replace(/^(?:module\.)?exports\./, '')
    .replace('.prototype.', '.');
  return /^[\w$.]+$/.test(label) && !label.startsWith('this.') ? { ...left, label } : undefined;
};

/** `index: () => …` in an object. */
const pairedFunction: NameFinder = (peek) =>
  functionValues.has(peek.field('value')?.type ?? '') ? peek.field('key') : undefined;

function importOf(peek: Peek): ParsedImport[] {
  const source = peek.field('source');
  if (source === undefined) return [];
  const whole = peek.textOf({ ...peek.here(), end: source.start });
  const clause = whole.replace(/^\s*(?:import|export)\s+(?:type\s+)?/, '').replace(/\s*from\s*$/, '');
  const braces = /\{([^}]*)\}/.exec(clause)?.[1] ?? '';
  const rest = clause.replace(/\{[^}]*\}/, '').replace(/\*\s*(?:as\s+[\w$]+)?/, '');
  const names = [...listedNames(rest), ...listedNames(braces)];
  const space = /\*\s*as\s+([\w$]+)/.exec(clause)?.[1];
  const { renames = [] } = renamesIn(braces);
  const all = [...(space === undefined ? [] : [{ name: '', as: space }]), ...renames];
  // What is handed on under another name is not called so here.
  const isImport = /^\s*import\b/.test(whole);
  return [
    { module: unquoted(peek.textOf(source)), names, namesEnd: source.start, ...withRenames(isImport ? all : []) },
  ];
}

/** `<Title …>` uses what is named Title; `<div>` is HTML. */
function component(peek: Peek): Span | undefined {
  const span = peek.field('name');
  return span !== undefined && /^[A-Z]|\./.test(peek.textOf(span)) ? span : undefined;
}

/** `bubble` of `@bubble` and of `@bubble(['a'])`. */
function decorated(peek: Peek): Span | undefined {
  return peek.child('identifier', 'member_expression') ?? peek.in(['call_expression'], () => peek.field('function'));
}

function exported(head: string, name: string, peek: Peek): boolean {
  if (hasWord(head, 'export')) return true;
  const inside = peek.scopeKind === 'class' || peek.scopeKind === 'interface' || peek.scopeKind === 'enum';
  return inside && !name.startsWith('#') && !hasWord(head, 'private', 'protected');
}

const definitions: LanguageRules['definitions'] = {
  function_declaration: { kind: 'function' },
  generator_function_declaration: { kind: 'function' },
  class_declaration: { kind: 'class' },
  method_definition: { kind: 'method' },
  field_definition: { kind: fieldKind, name: memberName },
  variable_declarator: { kind: declaredKind, name: plainName },
  assignment_expression: { kind: 'function', name: assignedFunction },
  pair: { kind: 'method', name: pairedFunction },
};

export const javascript: LanguageRules = {
  comments: ['comment'],
  definitions,
  wrappers: ['export_statement', 'lexical_declaration', 'variable_declaration'],
  blocks: ['statement_block', 'class_body', 'switch_body', 'object'],
  calls: {
    call_expression: { field: 'function' },
    new_expression: { field: 'constructor' },
    jsx_opening_element: { find: component },
    jsx_self_closing_element: { find: component },
  },
  typeTexts: ['class_heritage'],
  mentions: { decorator: { find: decorated } },
  imports: { import_statement: importOf, export_statement: importOf },
  importCalls: new Set(['require', 'import']),
  decisions: [
    'if_statement',
    'for_statement',
    'for_in_statement',
    'while_statement',
    'do_statement',
    'switch_case',
    'catch_clause',
    'ternary_expression',
  ],
  decisionTokens: ['&&', '||', '??'],
  attached: ['decorator'],
  ignored: new Set(['super', 'Promise', 'Array', 'Record', 'Map', 'Set', 'Partial', 'Readonly', 'ReadonlyArray']),
  opaque: ['string', 'regex', 'jsx_text'],
  exported,
};

export const typescript: LanguageRules = {
  ...javascript,
  definitions: {
    ...definitions,
    abstract_class_declaration: { kind: 'class' },
    interface_declaration: { kind: 'interface' },
    type_alias_declaration: { kind: 'type' },
    enum_declaration: { kind: 'enum' },
    enum_body: { kind: 'member', name: (peek) => peek.fields('name'), flat: true },
    enum_assignment: { kind: 'member' },
    public_field_definition: { kind: fieldKind },
    property_signature: { kind: (peek) => (peek.scopeKind === 'interface' ? 'field' : undefined) },
    method_signature: { kind: 'method', bodiless: true },
    abstract_method_signature: { kind: 'method', bodiless: true },
    function_signature: { kind: 'function', bodiless: true },
    internal_module: { kind: 'module' },
    module: { kind: 'module', name: namedByType('string', 'identifier', 'nested_identifier'), whole: true },
  },
  wrappers: [...(javascript.wrappers ?? []), 'ambient_declaration'],
  blocks: [...javascript.blocks, 'interface_body', 'enum_body', 'object_type'],
  typeTexts: [],
  typeLeaves: ['type_identifier'],
  typeFields: { extends_clause: ['value'] },
};

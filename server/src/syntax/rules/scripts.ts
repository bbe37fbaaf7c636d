/** Decides how Ruby, PHP, Bash and Lua are read. */
import type { Peek, Span } from '../peek.ts';
import type { SymbolKind } from '../types.ts';
import {
  hasWord,
  isTypeKind,
  type LanguageRules,
  type NameFinder,
  type NameSpan,
  named,
  namedByType,
  type ParsedImport,
  renamesIn,
  unquoted,
  valueKind,
  withRenames,
} from './rule.ts';

const attributeMakers = /^(?:attr(?:_accessor|_reader|_writer)?|[mc]attr_(?:accessor|reader|writer)|class_attribute)$/;
const methodMakers = /^(?:alias_method|define_method|scope|delegate)$/;
const testMakers = /^(?:describe|context|it|specify|feature|scenario|test)$/;

function rubyCalled(peek: Peek): string {
  const method = peek.field('method');
  return method === undefined || peek.field('receiver') !== undefined ? '' : peek.textOf(method);
}

/** The name that `:name` or `'name'` states; none for what is computed. */
function rubyStated(peek: Peek, span: Span): NameSpan[] {
  const label = unquoted(peek.textOf(span).replace(/^:/, ''));
  return /^[\p{L}_]\w*[?!=]?$/u.test(label) ? [{ ...span, label }] : [];
}

/** What `alias_method :a, :b`, `define_method(:a)`, `scope :a, -> {}` and `delegate :a, :b, to: :c` define. */
function rubyMethods(peek: Peek, called: string): NameSpan[] {
  const stated = peek.in(['argument_list'], () => peek.childrenOf('simple_symbol', 'string')) ?? [];
  if (called === 'delegate') {
    // A prefix makes other names.
    const isPrefixed = /\bprefix:/.test(peek.textOf(peek.here()));
    return isPrefixed ? [] : stated.flatMap((span) => rubyStated(peek, span));
  }
  // The scope of a route has no lambda.
  if (called === 'scope' && peek.in(['argument_list'], () => peek.child('lambda', 'call')) === undefined) return [];
  return stated.slice(0, 1).flatMap((span) => rubyStated(peek, span));
}

/** `attr_reader :a, :b` defines fields, `alias_method :a, :b` a method, `describe 'x' do` a test. */
const rubyMade: NameFinder = (peek) => {
  const called = rubyCalled(peek);
  if (attributeMakers.test(called)) {
    const symbols = peek.in(['argument_list'], () => peek.childrenOf('simple_symbol')) ?? [];
    return symbols.map((span): NameSpan => ({ ...span, label: peek.textOf(span).slice(1) }));
  }
  if (methodMakers.test(called)) return rubyMethods(peek, called);
  if (!testMakers.test(called) || peek.child('do_block', 'block') === undefined) return undefined;
  const title = peek.in(['argument_list'], () => peek.child('string', 'constant'));
  return title === undefined ? undefined : { ...title, label: unquoted(peek.textOf(title)) };
};

function rubyMadeKind(peek: Peek): SymbolKind {
  const called = rubyCalled(peek);
  if (methodMakers.test(called)) return 'function';
  return attributeMakers.test(called) ? 'field' : 'test';
}

/** The new name of `alias new old` and `alias :new :old`. */
const rubyAlias: NameFinder = (peek) => {
  const span = peek.field('name');
  return span === undefined ? undefined : { ...span, label: peek.textOf(span).replace(/^:/, '') };
};

/** Another name for a method, or for one of another object. */
const hasNoCode = (peek: Peek): boolean => /^(?:alias_method|delegate)$/.test(rubyCalled(peek));

export const ruby: LanguageRules = {
  comments: ['comment'],
  definitions: {
    method: { kind: 'function' },
    singleton_method: { kind: 'function' },
    class: { kind: 'class' },
    module: { kind: 'module' },
    assignment: {
      kind: 'constant',
      name: (peek) => {
        const left = peek.field('left');
        return left?.type === 'constant' ? left : undefined;
      },
    },
    alias: { kind: 'function', name: rubyAlias, whole: true, bodiless: true },
    call: { kind: rubyMadeKind, name: rubyMade, whole: true, bodiless: hasNoCode },
  },
  blocks: ['body_statement', 'do_block', 'block_body', 'then', 'else'],
  calls: { call: { field: 'method' } },
  typeLeaves: ['constant'],
  importCalls: new Set(['require', 'require_relative', 'load', 'autoload']),
  decisions: [
    'if',
    'elsif',
    'unless',
    'while',
    'until',
    'for',
    'when',
    'rescue',
    'if_modifier',
    'unless_modifier',
    'while_modifier',
    'conditional',
    'in_clause',
  ],
  decisionTokens: ['&&', '||', 'and', 'or'],
  opaque: ['simple_symbol', 'hash_key_symbol'],
};

function phpUse(peek: Peek): ParsedImport[] {
  const text = peek
    .textOf(peek.here())
    .replace(/^use\s+(?:function\s+|const\s+)?/, '')
    .replace(/;\s*$/, '');
  const group = /^([\w\\]+)\\\{([\s\S]*)\}$/.exec(text);
  if (group !== null) {
    const names = (group[2] as string).split(',').map((name) => name.trim().replace(/\s+as\s.*$/, ''));
    return [
      { module: group[1] as string, names: names.filter((name) => name !== ''), ...renamesIn(group[2] as string) },
    ];
  }
  return text.split(',').map((part) => {
    const [path = '', as] = part.trim().split(/\s+as\s+/);
    const cut = path.lastIndexOf('\\');
    if (cut < 0) return { module: path, names: [], ...withRenames(as === undefined ? [] : [{ name: '', as }]) };
    const name = path.slice(cut + 1);
    return {
      module: path.slice(0, cut),
      names: [name],
      ...withRenames(as === undefined ? [] : [{ name, as }]),
    };
  });
}

function phpInclude(peek: Peek): ParsedImport[] {
  const text = peek.textOf(peek.here());
  const path = /['"]([^'"]+)['"]/.exec(text)?.[1];
  return path === undefined ? [] : [{ module: path, names: [] }];
}

const phpProperty: NameFinder = (peek) => peek.in(['variable_name'], () => peek.child('name'));

export const php: LanguageRules = {
  comments: ['comment'],
  definitions: {
    namespace_definition: { kind: 'module', whole: true },
    class_declaration: { kind: 'class' },
    interface_declaration: { kind: 'interface' },
    trait_declaration: { kind: 'trait' },
    enum_declaration: { kind: 'enum' },
    enum_case: { kind: 'member' },
    function_definition: { kind: 'function' },
    method_declaration: { kind: 'method' },
    const_element: { kind: 'constant', name: namedByType('name') },
    property_element: { kind: 'field', name: phpProperty },
  },
  wrappers: ['const_declaration', 'property_declaration'],
  blocks: ['declaration_list', 'enum_declaration_list', 'compound_statement', 'switch_block'],
  calls: {
    function_call_expression: { field: 'function' },
    member_call_expression: { field: 'name' },
    nullsafe_member_call_expression: { field: 'name' },
    scoped_call_expression: { field: 'name' },
    object_creation_expression: { find: (peek) => peek.child('name', 'qualified_name') },
  },
  typeTexts: ['named_type', 'base_clause', 'class_interface_clause', 'use_declaration'],
  ignored: new Set(['self', 'static', 'parent', 'use']),
  mentions: { attribute: { find: (peek) => peek.child('name', 'qualified_name') } },
  imports: {
    namespace_use_declaration: phpUse,
    require_expression: phpInclude,
    require_once_expression: phpInclude,
    include_expression: phpInclude,
    include_once_expression: phpInclude,
  },
  decisions: [
    'if_statement',
    'else_if_clause',
    'for_statement',
    'foreach_statement',
    'while_statement',
    'do_statement',
    'case_statement',
    'match_conditional_expression',
    'catch_clause',
    'conditional_expression',
  ],
  decisionTokens: ['&&', '||', '??', 'and', 'or'],
  opaque: ['string', 'heredoc', 'nowdoc', 'text'],
  exported: (head) => !hasWord(head, 'private', 'protected'),
};

/** `source ./lib.sh` and `. ./lib.sh`. */
function sourced(peek: Peek): ParsedImport[] {
  const name = peek.field('name');
  const argument = peek.field('argument');
  if (name === undefined || argument === undefined || !/^(?:source|\.)$/.test(peek.textOf(name))) return [];
  return [{ module: unquoted(peek.textOf(argument)), names: [] }];
}

export const bash: LanguageRules = {
  comments: ['comment'],
  definitions: {
    function_definition: { kind: 'function' },
    variable_assignment: { kind: valueKind },
  },
  wrappers: ['declaration_command'],
  blocks: ['compound_statement', 'do_group', 'if_statement', 'else_clause', 'case_statement', 'subshell'],
  calls: { command: { field: 'name' } },
  imports: { command: sourced },
  decisions: ['if_statement', 'elif_clause', 'for_statement', 'c_style_for_statement', 'while_statement', 'case_item'],
  decisionTokens: ['&&', '||'],
  opaque: ['raw_string', 'heredoc_body'],
};

/** `local x, M.y = …`: the first name. */
const luaAssigned: NameFinder = (peek) => peek.in(['variable_list'], () => peek.field('name'));

function luaKind(peek: Peek, name: string): SymbolKind | undefined {
  const value = peek.in(['expression_list'], (): Span | undefined => peek.field('value'));
  if (value?.type === 'function_definition') return 'function';
  return isTypeKind(peek.scopeKind) ? undefined : valueKind(peek, name);
}

export const lua: LanguageRules = {
  comments: ['comment'],
  definitions: {
    function_declaration: { kind: 'function', name: named('name') },
    assignment_statement: { kind: luaKind, name: luaAssigned },
  },
  wrappers: ['variable_declaration'],
  blocks: ['block'],
  calls: { function_call: { field: 'name' } },
  importCalls: new Set(['require', 'dofile']),
  decisions: ['if_statement', 'elseif_statement', 'for_statement', 'while_statement', 'repeat_statement'],
  decisionTokens: ['and', 'or'],
  opaque: ['string'],
  exported: (head) => !/^\s*local\b/.test(head),
};

/** Decides how Elixir and Haskell are read. */
import type { Peek, Span } from '../peek.ts';
import type { SymbolKind } from '../types.ts';
import { type LanguageRules, listedNames, type NameFinder, named, type ParsedImport } from './rule.ts';

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

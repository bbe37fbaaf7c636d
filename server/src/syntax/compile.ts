/** Decides what the walker does at each node type of a grammar: one word of flags by type id, so that a step costs one array read. */
import type { Language } from 'web-tree-sitter';
import type { GrammarNames, Peek } from './peek.ts';
import type { CallRule, DefinitionRule, LanguageRules, ParsedImport } from './rules/rule.ts';

export const flag = {
  /** The walk does not go inside. */
  leaf: 1,
  definition: 2,
  call: 4,
  typeLeaf: 8,
  typeText: 16,
  typeField: 32,
  mention: 64,
  import: 128,
  comment: 256,
  attached: 512,
  decision: 1024,
  block: 2048,
  wrapper: 4096,
  group: 8192,
  /** An anonymous token (`{`, `&&`), or one that is no part of the program. */
  token: 16_384,
  flatBlock: 32_768,
} as const;

/** A language's rules laid out by node type id. */
export type CompiledRules = {
  rules: LanguageRules;
  names: GrammarNames;
  flags: Uint16Array;
  definitions: (DefinitionRule | undefined)[];
  calls: (CallRule | undefined)[];
  mentions: (CallRule | undefined)[];
  typeFields: (readonly string[] | undefined)[];
  imports: (((peek: Peek) => ParsedImport[]) | undefined)[];
};

/** Named nodes that never have children worth a look, in any of the grammars. */
const commonLeaves = new Set(
  (
    'identifier field_identifier property_identifier private_property_identifier shorthand_property_identifier statement_identifier ' +
    'package_identifier type_identifier simple_identifier namespace_identifier predefined_type primitive_type integral_type number integer float ' +
    'int_literal float_literal integer_literal number_literal decimal_integer_literal string_content string_fragment escape_sequence ' +
    'true false null nil none this self super comment line_comment block_comment type_identifier constant word bare_key null_literal'
  ).split(' '),
);

const bits: readonly [keyof LanguageRules, number][] = [
  ['comments', flag.comment | flag.leaf],
  ['opaque', flag.leaf],
  ['definitions', flag.definition],
  ['calls', flag.call],
  ['typeLeaves', flag.typeLeaf | flag.leaf],
  ['typeTexts', flag.typeText],
  ['typeFields', flag.typeField],
  ['mentions', flag.mention],
  ['imports', flag.import],
  ['attached', flag.attached],
  ['decisions', flag.decision],
  ['blocks', flag.block],
  ['flatBlocks', flag.flatBlock],
  ['wrappers', flag.wrapper],
  ['groups', flag.group],
];

function flagsByName(rules: LanguageRules): Map<string, number> {
  const byName = new Map<string, number>([...commonLeaves].map((name) => [name, flag.leaf]));
  for (const [key, bit] of bits) {
    const value = rules[key] as readonly string[] | Readonly<Record<string, unknown>> | undefined;
    const names = Array.isArray(value) ? value : Object.keys(value ?? {});
    for (const name of names) byName.set(name, (byName.get(name) ?? 0) | bit);
  }
  return byName;
}

/** Node types that the rules name but the grammar has not: a sign that table and grammar are not of one version. */
export function unknownTypes(rules: LanguageRules, language: Language): string[] {
  const known = new Set(language.types);
  const used = [...flagsByName(rules).keys()].filter((name) => !commonLeaves.has(name));
  return used.filter((name) => !known.has(name));
}

/** Lays the rules out for a grammar. Rules that name a type which the grammar lacks have no effect. */
export function compileRules(rules: LanguageRules, language: Language): CompiledRules {
  const count = language.nodeTypeCount;
  const types = Array.from({ length: count }, (_, id) => language.nodeTypeForId(id) ?? '');
  const fields = new Map(language.fields.map((name, id) => [name ?? '', id] as const).filter(([name]) => name !== ''));
  const byName = flagsByName(rules);
  const tokens = new Set(rules.decisionTokens ?? []);
  const flags = Uint16Array.from(types, (name, id) => {
    if (language.nodeTypeIsNamed(id)) return byName.get(name) ?? 0;
    return flag.leaf | flag.token | (tokens.has(name) ? flag.decision : 0);
  });
  const byType = <T>(table: Readonly<Record<string, T>> | undefined): (T | undefined)[] =>
    types.map((name, id) =>
      table !== undefined && Object.hasOwn(table, name) && language.nodeTypeIsNamed(id) ? table[name] : undefined,
    );
  return {
    rules,
    names: { types, fields },
    flags,
    definitions: byType(rules.definitions),
    calls: byType(rules.calls),
    mentions: byType(rules.mentions),
    typeFields: byType(rules.typeFields),
    imports: byType(rules.imports),
  };
}

/**
 * Decides what each text that a tool takes means: a path, a glob, a codebase, or something that names no file. Attacks go
 * to all parameters of a meaning, and a parameter that nobody has sorted here fails the suites.
 */
import type { Tool } from '../../../../server/src/tools/define.ts';
import { sentKeyCanary } from './corpus.ts';

/**
 * `path`: a file, with or without its codebase's name. `glob`: paths that fit. `codebase`: a codebase's name or directory.
 * `revision`: what git might resolve. The rest names no file: `pattern` to search by, `symbol`, `language`, free `text`,
 * program `code`, a `person`, a `time`, a language `model`, an environment `variable`, a `cursor` of an answer before, an API
 * `key`, a `tool`. `unsorted`: nobody has said so yet; attacked like all the others until then.
 */
export type Role =
  | 'path'
  | 'glob'
  | 'codebase'
  | 'revision'
  | 'pattern'
  | 'symbol'
  | 'language'
  | 'text'
  | 'code'
  | 'person'
  | 'time'
  | 'model'
  | 'variable'
  | 'cursor'
  | 'key'
  | 'tool'
  | 'unsorted';
/** Roles that attacks on paths are made against. */
export const pathRoles: ReadonlySet<Role> = new Set(['path', 'glob', 'codebase', 'revision', 'unsorted']);

/** By the parameter's name, or by `tool.parameter` where one tool means something else. */
const roleOfParameter: Readonly<Record<string, Role>> = {
  codebase_path: 'codebase',
  'index_codebase.path': 'codebase',
  file_path: 'path',
  definition_path: 'path',
  path_globs: 'glob',
  include_patterns: 'glob',
  exclude_patterns: 'glob',
  file_types: 'language',
  languages: 'language',
  query: 'text',
  pattern: 'pattern',
  name: 'symbol',
  symbol: 'symbol',
  function_name: 'symbol',
  module: 'symbol',
  class_name: 'symbol',
  module_name: 'variable',
  language: 'language',
  tool: 'tool',
  tool_name: 'tool',
  path: 'path',
  output_file_path: 'path',
  ref: 'revision',
  exclude_ref: 'revision',
  commit: 'revision',
  from: 'revision',
  to: 'revision',
  author: 'person',
  since: 'time',
  until: 'time',
  cursor: 'cursor',
  llm_model: 'model',
  model_name: 'model',
  api_key_env_var: 'variable',
  llm_response_content: 'code',
  api_key: 'key',
};

/** A value of each role with which a call succeeds. */
const usual: Readonly<Record<Role, string>> = {
  path: 'shop/src/cart.ts',
  glob: '**/*.ts',
  codebase: 'shop',
  revision: 'HEAD',
  pattern: 'cart',
  symbol: 'addToCart',
  language: 'typescript',
  text: 'put an item into the cart',
  person: 'Test',
  time: '2020-01-01',
  model: 'gpt-4.1',
  variable: 'OPENAI_API_KEY',
  cursor: 'x',
  key: sentKeyCanary,
  tool: 'search_codebase',
  unsorted: 'cart',
  code: 'export function one() {\n  return 1;\n}\n',
};

export type Schema = Record<string, unknown>;

/** A parameter that takes a text, or a list of texts. */
export type TextParameter = { name: string; role: Role; isList: boolean };

/** All parameters of a tool that take texts of the caller's choice. */
export function textParameters(tool: Tool): TextParameter[] {
  return Object.entries(propertiesOf(tool.inputSchema)).flatMap(([name, schema]): TextParameter[] => {
    if (isText(schema)) return [{ name, role: roleOf(tool, name), isList: false }];
    if (schema.type === 'array' && isText(schema.items as Schema)) {
      return [{ name, role: roleOf(tool, name), isList: true }];
    }
    return [];
  });
}

export function propertiesOf(schema: Schema): Record<string, Schema> {
  return (schema.properties ?? {}) as Record<string, Schema>;
}

function isText(schema: Schema): boolean {
  return schema.type === 'string' && schema.enum === undefined && schema.const === undefined;
}

/** Parameters that hold texts in a form which `textParameters` does not know. */
export function unreachedParameters(tool: Tool): string[] {
  const known = new Set(textParameters(tool).map(({ name }) => name));
  return Object.entries(propertiesOf(tool.inputSchema))
    .filter(([name, schema]) => !known.has(name) && holdsText(schema))
    .map(([name]) => name);
}

/** Whether a text of the caller's choice is anywhere in what a schema takes. */
function holdsText(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.some(holdsText);
  if (typeof schema !== 'object' || schema === null) return false;
  return isText(schema as Schema) || Object.values(schema).some(holdsText);
}

function roleOf(tool: Tool, name: string): Role {
  return roleOfParameter[`${tool.name}.${name}`] ?? roleOfParameter[name] ?? 'unsorted';
}

/** Arguments with which a tool answers well over the world's codebases. */
export function usualArguments(tool: Tool): Record<string, unknown> {
  const required = new Set((tool.inputSchema.required ?? []) as string[]);
  const texts = new Map(textParameters(tool).map((parameter) => [parameter.name, parameter]));
  const entries = Object.entries(propertiesOf(tool.inputSchema)).flatMap(([name, schema]): [string, unknown][] => {
    if (!required.has(name) && neededBeside[tool.name]?.includes(name) !== true) return [];
    const text = texts.get(name);
    if (text !== undefined) return [[name, text.isList ? [usual[text.role]] : usual[text.role]]];
    return [[name, usualPlainValues[`${tool.name}.${name}`] ?? plainValue(schema)]];
  });
  return Object.fromEntries(entries);
}

/** Optional parameters of which a tool needs one. */
const neededBeside: Readonly<Record<string, readonly string[]>> = {
  list_undocumented_functions: ['file_path'],
  analyze_function_dependencies: ['function_name'],
  get_diff: ['commit'],
};

/** Of parameters that are no texts, where not any value does. */
const usualPlainValues: Readonly<Record<string, unknown>> = {
  // Where `shop/src/cart.ts` has its TODO.
  'resolve_todo_fixme.line_number': 5,
};

function plainValue(schema: Schema): unknown {
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  if (schema.type === 'boolean') return false;
  if (schema.type === 'array') return [];
  return {};
}

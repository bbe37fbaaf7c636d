/** Decides `generate_boilerplate`: the first lines of new code in a codebase's own conventions, as text; nothing is written. */
import { z } from 'zod';
import { languageNamed, languageOf } from '../chunking/languages.ts';
import type { ServerConfig } from '../contract.ts';
import { CodeSageError } from '../errors.ts';
import type { Conventions } from '../generators/boilerplate/conventions.ts';
import { mainLanguage, type Observed, observeConventions } from '../generators/boilerplate/observe.ts';
import {
  type Boilerplate,
  boilerplateLanguages,
  renderBoilerplate,
  templateFor,
} from '../generators/boilerplate/render.ts';
import { boilerplateTypes } from '../generators/boilerplate/template.ts';
import { isTestPath } from '../test-paths.ts';
import { codebaseOfCall } from './call-codebase.ts';
import { codebaseName } from './codebase-path.ts';
import { defineTool, readOnly, type ToolContext } from './define.ts';

const name = (what: string) => z.string().min(1).max(200).optional().describe(what);

export const generateBoilerplate = defineTool({
  name: 'generate_boilerplate',
  title: 'Boilerplate',
  description: [
    'Generate the first lines of a file header, module, class, function, test or MCP tool in TypeScript, JavaScript, Python, Go, Rust, Java, C#, Ruby, PHP or Kotlin. Where file_path or codebase_path names an indexed codebase it follows that: licence header, indentation, quotes, naming, namespace, test framework. Returns text and writes nothing.',
    'Use it to begin a file as its neighbours are. For tests of code that exists use generate_unit_tests, for a client of a model provider generate_llm_api_wrapper.',
    'Example: {"boilerplate_type": "class", "file_path": "shop/src/refund.ts", "class_name": "Refund"}',
  ].join(' '),
  input: z.strictObject({
    boilerplate_type: z.enum(boilerplateTypes).describe('tool: a tool of an MCP server.'),
    file_path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('Where the code will be, "codebase/path/in/it": it need not exist. Its ending chooses the language.'),
    module_name: name('What the file is called.'),
    function_name: name('Of the function, or of what a test is for.'),
    class_name: name('Of the class, or of what a test is for.'),
    language: name('For example "go". Default: by file_path, else that of most code of codebase_path, else Python.'),
    codebase_path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('The codebase to follow, where file_path names none.'),
  }),
  output: z.strictObject({
    language: z.string(),
    code: z.string(),
    suggested_path: z.string().describe('Where to save it: the server did not.'),
    test_framework: z.string().optional(),
    requires: z.string().optional().describe('What must be installed.'),
    conventions: z.array(z.string()).describe('What was taken from the codebase.'),
    renamed: z.array(z.strictObject({ given: z.string(), written: z.string() })).optional(),
    message: z.string(),
  }),
  annotations: readOnly,
  handle: async (args, context) => {
    const { settings } = context;
    const place = placeOf(args, settings.config);
    const language = await languageFor(args, place, context);
    const template = templateFor(language);
    if (template === undefined) throw noTemplate(language);
    const observed =
      place.codebase === undefined
        ? undefined
        : await observeConventions(context.engine, { ...place, codebase: place.codebase, template }, context.signal);
    const conventions = observed?.conventions ?? {};
    const { code, fileName, framework, requires, renamed } = renderBoilerplate({
      type: args.boilerplate_type,
      template,
      conventions,
      stem: place.stem,
      ...(args.module_name !== undefined && { moduleName: args.module_name }),
      ...(args.function_name !== undefined && { functionName: args.function_name }),
      ...(args.class_name !== undefined && { className: args.class_name }),
    });
    const folder = [place.codebase, place.directory].filter((part) => part !== undefined && part !== '').join('/');
    return {
      language,
      code,
      suggested_path: suggestedPath(args, fileName, folder),
      ...(framework !== undefined && framework !== '' && { test_framework: framework }),
      ...(requires !== undefined && { requires }),
      conventions: told(conventions, observed),
      ...(renamed.length > 0 && { renamed }),
      message: messageOf(place.codebase, observed, renamed),
    };
  },
});

type Arguments = { file_path?: string | undefined; codebase_path?: string | undefined; language?: string | undefined };
type Place = { codebase: string | undefined; directory: string; stem: string };

/** Which codebase is followed, and the folder and name of the new file in it. */
function placeOf({ file_path = '', codebase_path }: Arguments, config: ServerConfig): Place {
  const named = codebase_path === undefined ? undefined : codebaseName(codebase_path, config);
  const codebase = named ?? codebaseOfCall({ file_path }, config);
  const root = config.sources.find((source) => source.name === codebase)?.path;
  const prefixes = [`${codebase}/`, ...(root === undefined ? [] : [`${root}/`])];
  const prefix = prefixes.find((one) => file_path.startsWith(one)) ?? '';
  const path = file_path.slice(prefix.length);
  const slash = path.lastIndexOf('/');
  return { codebase, directory: path.slice(0, Math.max(0, slash)), stem: path.slice(slash + 1).replace(/\.\w+$/, '') };
}

async function languageFor(
  { file_path, language }: Arguments,
  { codebase }: Place,
  { engine, signal }: ToolContext,
): Promise<string> {
  if (language !== undefined) return languageNamed(language.trim().toLowerCase());
  const byPath = file_path === undefined ? 'text' : languageOf(file_path);
  if (byPath !== 'text') return byPath;
  const usual = codebase === undefined ? undefined : await mainLanguage(engine, codebase, boilerplateLanguages, signal);
  return usual ?? 'python';
}

function noTemplate(language: string): CodeSageError {
  return new CodeSageError(
    'InvalidArgument',
    `There is no template for ${JSON.stringify(language.slice(0, 60))}.`,
    `Use one of: ${boilerplateLanguages.join(', ')}.`,
  );
}

/** Where the code belongs: the named file, but a test never where the code that it is for is. */
function suggestedPath(
  { boilerplate_type, file_path }: { boilerplate_type: string; file_path?: string | undefined },
  fileName: string,
  folder: string,
): string {
  const isOther = boilerplate_type === 'test' && file_path !== undefined && !isTestPath(file_path);
  if (file_path !== undefined && !isOther) return file_path;
  return folder === '' ? fileName : `${folder}/${fileName}`;
}

/** What the codebase decided, in words. */
function told(conventions: Conventions, observed: Observed | undefined): string[] {
  if (observed === undefined) return [];
  const { header, indent, quote, semicolons, functionStyle, namespace, testFramework } = conventions;
  return [
    header === undefined ? '' : `licence header of ${header.length} lines`,
    indent === undefined ? '' : `indentation by ${indent === '\t' ? 'tabs' : `${indent.length} spaces`}`,
    quote === undefined ? '' : `${quote === '"' ? 'double' : 'single'} quotes`,
    semicolons === undefined ? '' : semicolons ? 'semicolons' : 'no semicolons',
    functionStyle === undefined ? '' : `function names in ${functionStyle} case`,
    namespace === undefined ? '' : `package or namespace ${namespace}`,
    testFramework === undefined ? '' : `tests with ${testFramework}`,
  ].filter((sentence) => sentence !== '');
}

function messageOf(
  codebase: string | undefined,
  observed: Observed | undefined,
  renamed: Boilerplate['renamed'],
): string {
  const parts = ['Nothing was written: save the code yourself.'];
  if (codebase === undefined)
    parts.push('The usual style of the language was taken; name codebase_path to follow one.');
  else if (observed?.samples.length === 0) parts.push(`${codebase} has no files of this language to follow.`);
  else parts.push(`Conventions were read from ${observed?.samples.slice(0, 5).join(', ')}.`);
  if (renamed.length > 0) parts.push('Names that are no identifiers were changed; see renamed.');
  return parts.join(' ');
}

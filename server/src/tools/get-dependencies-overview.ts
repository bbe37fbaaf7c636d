/** Decides `get_dependencies_overview`: what a codebase imports from itself, from its languages and from others. */
import { z } from 'zod';
import { type DependencyAnswer, moduleOrigins } from '../analysis/port.ts';
import {
  analysisScopeOf,
  behindLast,
  noFiles,
  pageFields,
  pageOf,
  pageOffset,
  provenanceFields,
} from './analysis-fields.ts';
import { codebasePath } from './codebase-path.ts';
import { defineTool, readOnly } from './define.ts';
import { fileScope } from './file-scope.ts';

const total = z.strictObject({ imports: z.number().int(), modules: z.number().int() });
const used = z.strictObject({
  name: z.string(),
  language: z.string(),
  files: z.number().int().describe('Files that import it.'),
});
const modules = z.array(z.string());

export const getDependenciesOverview = defineTool({
  name: 'get_dependencies_overview',
  title: 'Dependencies overview',
  description: [
    "Show what a codebase imports: its own modules, the language's standard library and third parties, in total, by language, most used first, and file by file; beside it what its manifests (package.json, go.mod, pyproject.toml, Cargo.toml, pom.xml and others) declare.",
    'Use it to learn what a codebase is built on, or which files depend on a package (module). For one function use analyze_function_dependencies; for who uses a symbol use find_references.',
    'Example: {"codebase_path": "shop", "module": "express"}',
  ].join(' '),
  input: z.strictObject({
    codebase_path: codebasePath,
    ...fileScope,
    module: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('Only files that import this module or package, or one below it.'),
    limit: z.number().int().min(0).max(1000).default(50).describe('Most files in one answer; 0: the overview alone.'),
    offset: pageOffset('Files'),
  }),
  output: z.strictObject({
    codebase: z.string(),
    totals: z.strictObject({ internal: total, standard_library: total, third_party: total, unresolved: total }),
    languages: z
      .array(
        z.strictObject({
          language: z.string(),
          files: z.number().int().describe('Files with any import.'),
          internal: z.number().int(),
          standard_library: z.number().int(),
          third_party: z.number().int(),
          unresolved: z.number().int(),
        }),
      )
      .optional(),
    most_used: z
      .strictObject({
        third_party: z.array(used),
        standard_library: z.array(used),
        internal: z.array(used),
        unresolved: z
          .array(used)
          .describe('Neither a file here nor a known package: base images, system headers, aliases.'),
      })
      .optional(),
    declared: z
      .array(
        z.strictObject({
          name: z.string(),
          version: z.string(),
          manifest: z.string(),
          development: z.boolean().optional(),
          files: z.number().int().optional().describe('Files that import it; absent where imports do not tell.'),
        }),
      )
      .optional()
      .describe('What manifests declare, the most used first.'),
    files: z.array(
      z.strictObject({
        file_path: z.string(),
        internal: modules.optional(),
        standard_library: modules.optional(),
        third_party: modules.optional(),
        unresolved: modules.optional(),
      }),
    ),
    total_files: z.number().int().describe('Files with imports, on all pages.'),
    ...pageFields,
    ...provenanceFields,
    message: z.string().optional(),
  }),
  annotations: readOnly,
  lane: 'relations',
  isAtHand: (args, { engine, settings }) =>
    engine.analysis.isAtHand('dependencies', analysisScopeOf(args, settings.config)),
  timeoutMs: 60_000,
  handle: async (args, { engine, settings, signal }) => {
    const scope = analysisScopeOf(args, settings.config);
    const answer = await engine.analysis.dependencies(scope, signal);
    const { module } = args;
    const wanted = module === undefined ? answer.files : answer.files.filter((file) => imports(file, module));
    const entries = wanted.map((file) => ({
      file_path: `${scope.codebase}/${file.path}`,
      ...Object.fromEntries(
        moduleOrigins.flatMap((origin) => (file[origin].length > 0 ? [[origin, file[origin]]] : [])),
      ),
    }));
    // The overview stands on the first page; the pages after it are of files alone.
    const overview = args.offset === 0 && module === undefined ? overviewOf(answer) : {};
    const { kept, fields } = pageOf(entries, {
      offset: args.offset,
      limit: args.limit,
      used: JSON.stringify(overview).length,
    });
    const message = messageOf(args, wanted.length, answer.files.length, fields.next_offset);
    return {
      codebase: scope.codebase,
      totals: answer.totals,
      ...overview,
      files: kept,
      total_files: wanted.length,
      ...fields,
      index_version: answer.version,
      took_ms: answer.tookMs,
      ...(message !== undefined && { message }),
    };
  },
});

const mostNamed = 25;
const mostDeclared = 60;

function overviewOf({ byLanguage, used: found, declared }: DependencyAnswer) {
  const named = (origin: (typeof moduleOrigins)[number]) =>
    found[origin].slice(0, mostNamed).map(({ name, language, files }) => ({ name, language, files }));
  const byUse = declared.toSorted((x, y) => (y.files ?? -1) - (x.files ?? -1) || (x.name < y.name ? -1 : 1));
  return {
    languages: byLanguage,
    most_used: {
      third_party: named('third_party'),
      standard_library: named('standard_library'),
      internal: named('internal'),
      unresolved: named('unresolved'),
    },
    declared: byUse.slice(0, mostDeclared).map(({ name, version, manifest, isDevelopment, files }) => ({
      name,
      version,
      manifest,
      ...(isDevelopment && { development: true }),
      ...(files !== undefined && { files }),
    })),
  };
}

function imports(file: DependencyAnswer['files'][number], module: string): boolean {
  // A module of the codebase is told by its file: `shop.cart` and `shop/cart` are `src/shop/cart.py`, too.
  const paths = [module, module.replaceAll(/::|\\|\./g, '/')].map((path) => `/${path}`);
  const isInternal = (name: string) =>
    paths.some((path) => {
      const at = `/${name}`.indexOf(path);
      return at >= 0 && isOrBelow(`/${name}`.slice(at), path);
    });
  return moduleOrigins.some((origin) =>
    file[origin].some((name) => isOrBelow(name, module) || (origin === 'internal' && isInternal(name))),
  );
}

function isOrBelow(name: string, wanted: string): boolean {
  return name === wanted || (name.startsWith(wanted) && /^[/.:\\]/.test(name.slice(wanted.length)));
}

function messageOf(
  args: {
    codebase_path: string;
    path_globs: string[];
    languages: string[];
    module?: string | undefined;
    limit: number;
    offset: number;
  },
  wanted: number,
  all: number,
  next: number | undefined,
): string | undefined {
  if (wanted === 0 && all > 0 && args.module !== undefined)
    return `No file imports "${args.module}". Names are as in most_used.`;
  if (wanted === 0)
    return args.path_globs.length > 0 || args.languages.length > 0 ? noFiles(args) : 'No file imports anything.';
  if (args.limit === 0) return undefined;
  if (next === undefined) return behindLast(wanted, args.offset, 'Files');
  return `Files left: ${wanted - next}. Narrow them with path_globs or module, or call again with offset=${next}.`;
}

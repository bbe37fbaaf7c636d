/** Decides where an imported module comes from: the codebase itself, the language's standard library, or a third party. */
import { posix } from 'node:path';
import type { ModuleOrigin } from '../port.ts';
import { type CodebasePaths, folderOf } from './codebase-paths.ts';
import type { Ecosystem, ManifestFacts } from './manifests.ts';
import {
  elixirModules,
  haskellModules,
  nodeModules,
  pythonModules,
  rubyLibraries,
  swiftModules,
  systemHeaderDirectories,
  systemHeaders,
} from './standard-modules.ts';

export type Import = { path: string; language: string; module: string; names: readonly string[] };
/** `name` is what modules are counted by: the package for a third party, else the module; `target` a file or directory of the codebase. */
export type Classified = { origin: ModuleOrigin; name: string; target?: string };

/** What is known of a codebase when its imports are told apart. */
export type CodebaseFacts = { paths: CodebasePaths; manifests: ManifestFacts };

type Rule = (imported: Import, facts: CodebaseFacts) => Classified;

const internal = (name: string, target?: string): Classified => ({
  origin: 'internal',
  name,
  ...(target !== undefined && { target }),
});
const standard = (name: string): Classified => ({ origin: 'standard_library', name });
const thirdParty = (name: string): Classified => ({ origin: 'third_party', name });
const unresolved = (name: string): Classified => ({ origin: 'unresolved', name });

function ownNames({ manifests }: CodebaseFacts, ecosystem: Ecosystem): ManifestFacts['own'] {
  return manifests.own.filter((one) => one.ecosystem === ecosystem);
}

/** `@scope/name/part` is `@scope/name`. */
function npmPackage(module: string): string {
  return module.split('/', module.startsWith('@') ? 2 : 1).join('/');
}

function script({ path, module }: Import, facts: CodebaseFacts): Classified {
  const { paths } = facts;
  const bare = module.replace(/[?#].*$/, '');
  if (/^\.{0,2}\//.test(bare) || bare === '.' || bare === '..') {
    const resolved = bare.startsWith('/') ? bare.slice(1) : posix.join(folderOf(path), bare);
    const target = paths.script(resolved);
    return internal(target ?? resolved, target);
  }
  if (/^(?:node|bun|deno|cloudflare):/.test(bare)) return standard(bare.replace(/^node:/, ''));
  const first = bare.split('/', 1)[0] as string;
  const name = npmPackage(bare);
  const own = ownNames(facts, 'npm').find((one) => one.name === name);
  if (own !== undefined)
    return internal(bare, paths.script(posix.join(own.directory, bare.slice(name.length + 1), '.')));
  // Aliases that bundlers and compilers are told of: `#lib`, `@/lib`, `~/lib`, and `src/lib` from a base URL.
  if (/^(?:#|[@~]\/)/.test(bare)) return internal(bare, paths.script(bare.replace(/^[#@~]\/?/, '')));
  if (facts.manifests.declared.some((one) => one.ecosystem === 'npm' && one.name === name)) return thirdParty(name);
  if (nodeModules.has(first)) return standard(bare);
  const based = bare.includes('/') || paths.script(bare) !== undefined ? paths.script(bare) : undefined;
  if (based !== undefined) return internal(based, based);
  return /^(?:https?|data|virtual):/.test(bare) ? unresolved(bare) : thirdParty(name);
}

function python({ path, module, names }: Import, facts: CodebaseFacts): Classified {
  const { paths } = facts;
  const dots = /^\.*/.exec(module)?.[0].length ?? 0;
  const parts = module
    .slice(dots)
    .split('.')
    .filter((part) => part !== '');
  if (dots > 0) {
    let base = folderOf(path);
    for (let i = 1; i < dots; i++) base = folderOf(base);
    const target = paths.python(base, parts) ?? paths.python(base, [...parts, names[0] ?? '']);
    return internal(target ?? (posix.join(base, ...parts) || '.'), target);
  }
  const [first = ''] = parts;
  // What lies at the root, or in `src`, is what Python finds first.
  for (const root of ['', 'src', 'lib', 'python']) {
    const target = paths.python(root, parts) ?? paths.python(root, [first]);
    if (target !== undefined) return internal(target, target);
  }
  if (pythonModules.has(first)) return standard(first);
  const own = ownNames(facts, 'python').find(({ name }) => plainPython(name) === plainPython(first));
  if (own !== undefined) {
    const target = paths.python(own.directory, parts);
    return internal(target ?? module, target);
  }
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    const target = paths.python(folder, parts);
    if (target !== undefined || paths.python(folder, [first]) !== undefined) return internal(target ?? module, target);
    if (folder === '') break;
  }
  const nested = paths.directoryEnding(parts);
  return nested !== undefined && parts.length > 1 ? internal(module, nested) : thirdParty(first);
}

export const plainPython = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '_');

function go({ module }: Import, facts: CodebaseFacts): Classified {
  for (const { name, directory } of ownNames(facts, 'go')) {
    if (module === name || module.startsWith(`${name}/`)) {
      return internal(module, posix.join(directory, module.slice(name.length + 1), '.').replace(/^\.$/, ''));
    }
  }
  const [first = ''] = module.split('/', 1);
  if (module === 'C' || !first.includes('.')) return standard(module);
  return thirdParty(goModule(module, facts));
}

/** The module that a package belongs to: the longest declared one, else as many parts as its host has. */
function goModule(module: string, { manifests }: CodebaseFacts): string {
  let best = '';
  for (const { ecosystem, name } of manifests.declared) {
    if (ecosystem === 'go' && name.length > best.length && (module === name || module.startsWith(`${name}/`)))
      best = name;
  }
  if (best !== '') return best;
  const parts = module.split('/');
  const most = /^(?:github|gitlab|bitbucket)\./.test(module) ? 3 : 2;
  return parts.slice(0, most).join('/');
}

function rust({ module, path }: Import, facts: CodebaseFacts): Classified {
  const [first = ''] = module.split('::', 1);
  if (['crate', 'self', 'super'].includes(first)) return internal(module);
  if (['std', 'core', 'alloc', 'proc_macro', 'test'].includes(first)) return standard(module);
  const plain = first.replaceAll('-', '_');
  const own = ownNames(facts, 'cargo').find(({ name }) => name.replaceAll('-', '_') === plain);
  if (own !== undefined) return internal(module, own.directory);
  const isDeclared = facts.manifests.declared.some(
    (one) => one.ecosystem === 'cargo' && one.name.replaceAll('-', '_') === plain,
  );
  if (isDeclared) return thirdParty(first);
  // A module of this crate: `mod inner;`, or a name that the file itself brings in.
  const folder = folderOf(path);
  const stem = path.replace(/\.rs$/, '');
  const target = [folder, stem].flatMap((at) => [posix.join(at, `${first}.rs`), posix.join(at, first, 'mod.rs')]);
  const found = target.find((one) => facts.paths.has(one));
  if (found !== undefined) return internal(module, found);
  return /^[a-z]/.test(first) ? thirdParty(first) : internal(module);
}

function jvm({ module, names, language }: Import, facts: CodebaseFacts): Classified {
  const parts = module.split('.');
  if (
    /^(?:java|javax|jdk|sun|com\.sun)\./.test(`${module}.`) &&
    !/^javax\.(?:inject|servlet|persistence|validation|ws)\b/.test(module)
  )
    return standard(module);
  if (/^(?:kotlin|scala|groovy)\./.test(`${module}.`) && !/^kotlinx/.test(module)) return standard(module);
  const target = facts.paths.directoryEnding(parts) ?? facts.paths.directoryEnding(parts.slice(0, -1));
  if (target !== undefined && parts.length > 1) {
    const file = names.flatMap((name) => ['java', 'kt', 'scala', 'groovy'].map((ext) => `${target}/${name}.${ext}`));
    return internal(module, file.find((one) => facts.paths.has(one)) ?? target);
  }
  if (ownNames(facts, 'jvm').some(({ name }) => `${module}.`.startsWith(`${name}.`))) return internal(module);
  if (language === 'scala' && parts.length === 1 && /^[A-Z]/.test(module)) return unresolved(module);
  return thirdParty(
    parts
      .slice(0, /^(?:com|org|io|net|dev|edu|gov|de|uk|ch|fr|androidx|android)$/.test(parts[0] ?? '') ? 3 : 2)
      .join('.'),
  );
}

function c({ path, module }: Import, { paths }: CodebaseFacts): Classified {
  const beside = posix.join(folderOf(path), module);
  if (paths.has(beside)) return internal(beside, beside);
  if (systemHeaders.has(module)) return standard(module);
  const parts = module.split('/');
  const [first = ''] = parts;
  for (const folder of ['', 'include', 'src', 'lib', 'inc']) {
    const target = posix.join(folder, module);
    if (paths.has(target)) return internal(target, target);
  }
  const directory = paths.directoryEnding(parts.slice(0, -1));
  if (directory !== undefined && parts.length > 1 && paths.has(posix.join(directory, parts.at(-1) ?? ''))) {
    return internal(module, posix.join(directory, parts.at(-1) ?? ''));
  }
  if (systemHeaderDirectories.has(first) && parts.length > 1) return standard(module);
  return parts.length > 1 ? thirdParty(first) : unresolved(module);
}

function csharp({ module }: Import, facts: CodebaseFacts): Classified {
  const [first = ''] = module.split('.', 1);
  const isOwn = ownNames(facts, 'nuget').some(
    ({ name }) => `${module}.`.startsWith(`${name}.`) || name.startsWith(`${module}.`),
  );
  if (isOwn || facts.paths.directoryEnding(module.split('.')) !== undefined) return internal(module);
  if (first === 'System' || module === 'Microsoft.CSharp' || module === 'Microsoft.Win32') return standard(module);
  const declared = facts.manifests.declared.find(
    (one) => one.ecosystem === 'nuget' && `${module}.`.startsWith(`${one.name}.`),
  );
  return thirdParty(declared?.name ?? module.split('.').slice(0, 2).join('.'));
}

function php({ module, path }: Import, facts: CodebaseFacts): Classified {
  if (/\.(?:php|inc)$/.test(module)) {
    const target = posix.join(folderOf(path), module);
    return internal(target, facts.paths.has(target) ? target : undefined);
  }
  const own = ownNames(facts, 'composer').some(({ name }) => name !== '' && `${module}\\`.startsWith(`${name}\\`));
  const parts = module.split('\\').filter((part) => part !== '');
  if (own || (parts.length > 1 && facts.paths.directoryEnding(parts) !== undefined)) return internal(module);
  // Without a namespace it is one of PHP's own classes.
  return parts.length <= 1 ? standard(module) : thirdParty(parts[0] ?? module);
}

function ruby({ path, module }: Import, facts: CodebaseFacts): Classified {
  const file = module.endsWith('.rb') ? module : `${module}.rb`;
  for (const folder of [folderOf(path), 'lib', '', 'app', 'spec', 'test']) {
    const target = posix.join(folder, file);
    if (facts.paths.has(target)) return internal(target, target);
  }
  const [first = ''] = module.split('/', 1);
  if (rubyLibraries.has(first)) return standard(module);
  if (ownNames(facts, 'rubygems').some(({ name }) => name === first || name.split('-')[0] === first))
    return internal(module);
  return module.startsWith('.') ? internal(module) : thirdParty(first);
}

/** Languages of which only a list of what comes with them is known, and which names look like files. */
function byFirstPart(own: ReadonlySet<string>): Rule {
  return ({ module }, { paths }) => {
    const parts = module.split('.');
    const [first = ''] = parts;
    if (own.has(module) || own.has(first) || own.has(parts.slice(0, 2).join('.'))) return standard(module);
    const name = parts.join('/');
    for (const extension of ['hs', 'ex', 'swift']) {
      if (
        paths.has(`${name}.${extension}`) ||
        paths.has(`src/${name}.${extension}`) ||
        paths.has(`lib/${name}.${extension}`)
      )
        return internal(module);
    }
    const folders = [
      parts,
      parts.slice(0, -1),
      ['Sources', first],
      ['lib', first.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()],
    ];
    const isOwn = folders.some((folder) => folder.length > 0 && paths.directoryEnding(folder) !== undefined);
    return isOwn ? internal(module) : thirdParty(first);
  };
}

/** Whatever names files: found beside the file or from the root, it is the codebase's. */
const byPath: Rule = ({ path, module }, { paths }) => {
  for (const target of [posix.join(folderOf(path), module), module])
    if (paths.has(target)) return internal(target, target);
  return /^\.{1,2}\//.test(module) ? internal(posix.join(folderOf(path), module)) : unresolved(module);
};

const protobuf: Rule = (imported, facts) =>
  imported.module.startsWith('google/protobuf/') ? standard(imported.module) : byPath(imported, facts);
/** What is before the last variable of a path is not known: any file that ends like the rest is meant. */
const shell: Rule = (imported, facts) => {
  const { module } = imported;
  const rest = /.*(?:\}|\$\w+|\))"?\/(.+)$/.exec(module)?.[1]?.replace(/"$/, '');
  if (rest === undefined) return byPath(imported, facts);
  const parts = rest.split('/');
  const directory = facts.paths.directoryEnding(parts.slice(0, -1));
  const candidates = [
    rest,
    posix.join(folderOf(imported.path), rest),
    ...(directory === undefined ? [] : [posix.join(directory, parts.at(-1) ?? '')]),
  ];
  const target = candidates.find((one) => facts.paths.has(one));
  return target === undefined ? unresolved(module) : internal(target, target);
};
const zig: Rule = (imported, facts) =>
  ['std', 'builtin', 'root'].includes(imported.module) ? standard(imported.module) : byPath(imported, facts);

const rules: Readonly<Record<string, Rule>> = {
  astro: script,
  c,
  cpp: c,
  csharp,
  elixir: byFirstPart(elixirModules),
  go,
  groovy: jvm,
  haskell: byFirstPart(haskellModules),
  java: jvm,
  javascript: script,
  kotlin: jvm,
  objectivec: c,
  php,
  protobuf,
  python,
  ruby,
  rust,
  scala: jvm,
  shell,
  svelte: script,
  swift: byFirstPart(swiftModules),
  typescript: script,
  vue: script,
  zig,
};

/** Tells one import's origin by the rules of its language; a base image or a style sheet is `unresolved` unless it is a file here. */
export function classify(imported: Import, facts: CodebaseFacts): Classified {
  return (rules[imported.language] ?? byPath)(imported, facts);
}

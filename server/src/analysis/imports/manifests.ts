/** Decides what a codebase's manifests say: the names of its own packages, and what they declare to need. */
import { parse as parseToml } from 'smol-toml';
import type { DeclaredDependency } from '../port.ts';

export type ManifestFacts = {
  /** Names under which the codebase's own code is imported, by ecosystem. */
  own: { ecosystem: Ecosystem; name: string; directory: string }[];
  declared: (Omit<DeclaredDependency, 'files'> & { ecosystem: Ecosystem })[];
};

export const ecosystems = ['npm', 'go', 'python', 'cargo', 'jvm', 'composer', 'rubygems', 'nuget'] as const;
export type Ecosystem = (typeof ecosystems)[number];

type Reader = (text: string, path: string) => ManifestFacts;
type Declared = ManifestFacts['declared'][number];

const readers: readonly { fits: RegExp; read: Reader }[] = [
  { fits: /(?:^|\/)package\.json$/, read: readPackageJson },
  { fits: /(?:^|\/)go\.mod$/, read: readGoMod },
  { fits: /(?:^|\/)pyproject\.toml$/, read: readPyproject },
  { fits: /(?:^|\/)(?:requirements[^/]*|requirements\/[^/]+)\.(?:txt|in)$/, read: readRequirements },
  { fits: /(?:^|\/)Cargo\.toml$/, read: readCargo },
  { fits: /(?:^|\/)pom\.xml$/, read: readPom },
  { fits: /(?:^|\/)build\.gradle(?:\.kts)?$/, read: readGradle },
  { fits: /(?:^|\/)composer\.json$/, read: readComposer },
  { fits: /(?:^|\/)(?:Gemfile|[^/]+\.gemspec)$/, read: readGemfile },
  { fits: /\.(?:cs|fs|vb)proj$/, read: readProject },
];

/** True for a file that `readManifest` understands. */
export function isManifest(path: string): boolean {
  return readers.some(({ fits }) => fits.test(path));
}

/** What one manifest says; nothing when it cannot be read. */
export function readManifest(path: string, text: string): ManifestFacts {
  const reader = readers.find(({ fits }) => fits.test(path));
  try {
    return reader?.read(text, path) ?? nothing();
  } catch {
    // A manifest that is no valid JSON or TOML (a template, a fixture of a parser's tests) says nothing.
    return nothing();
  }
}

function nothing(): ManifestFacts {
  return { own: [], declared: [] };
}

const folderOf = (path: string) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const tableAt = (value: unknown, ...keys: string[]): Record<string, unknown> => {
  let at = value;
  for (const key of keys) at = isTable(at) ? at[key] : undefined;
  return isTable(at) ? at : {};
};
const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** A version as written, or the `version` of a table. */
const versionOf = (value: unknown) => (isTable(value) ? textOf(value.version) : textOf(value));

function declaredIn(table: unknown, ecosystem: Ecosystem, manifest: string, isDevelopment: boolean): Declared[] {
  return Object.entries(isTable(table) ? table : {}).map(([name, value]) => ({
    name,
    version: versionOf(value),
    manifest,
    ecosystem,
    isDevelopment,
  }));
}

function readPackageJson(text: string, path: string): ManifestFacts {
  const json: unknown = JSON.parse(text);
  const part = (key: string, isDevelopment: boolean) => declaredIn(tableAt(json, key), 'npm', path, isDevelopment);
  const name = isTable(json) ? textOf(json.name) : '';
  return {
    own: name === '' ? [] : [{ ecosystem: 'npm', name, directory: folderOf(path) }],
    declared: [
      ...part('dependencies', false),
      ...part('peerDependencies', false),
      ...part('optionalDependencies', false),
      ...part('devDependencies', true),
    ],
  };
}

function readGoMod(text: string, path: string): ManifestFacts {
  const name = /^module\s+"?([^\s"]+)/m.exec(text)?.[1];
  const declared: Declared[] = [];
  // What others need is no declaration of this module.
  for (const [, module = '', version = ''] of text.matchAll(
    /^(?:require)?\s+([\w.~-]+\.[\w./~-]+)\s+(v\S+)(?!.*\/\/\s*indirect)/gm,
  )) {
    declared.push({ name: module, version, manifest: path, ecosystem: 'go', isDevelopment: false });
  }
  return { own: name === undefined ? [] : [{ ecosystem: 'go', name, directory: folderOf(path) }], declared };
}

/** `name[extra]>=1; marker` of PEP 508. */
function requirement(line: string, manifest: string, isDevelopment: boolean): Declared[] {
  const match = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;#]*)/.exec(line.trim());
  if (match === null) return [];
  const [, name = '', version = ''] = match;
  return [{ name, version: version.trim(), manifest, ecosystem: 'python', isDevelopment }];
}

function readPyproject(text: string, path: string): ManifestFacts {
  const toml = parseToml(text);
  const project = tableAt(toml, 'project');
  const poetry = tableAt(toml, 'tool', 'poetry');
  const name = textOf(project.name) || textOf(poetry.name);
  const lines = (lists: Record<string, unknown>, isDevelopment: boolean) =>
    Object.values(lists).flatMap((list) => listOf(list).flatMap((line) => requirement(line, path, isDevelopment)));
  const poetryGroups = Object.values(tableAt(poetry, 'group')).map((group) => tableAt(group, 'dependencies'));
  return {
    own: name === '' ? [] : [{ ecosystem: 'python', name, directory: folderOf(path) }],
    declared: [
      ...listOf(project.dependencies).flatMap((line) => requirement(line, path, false)),
      ...lines(tableAt(project, 'optional-dependencies'), false),
      ...lines(tableAt(toml, 'dependency-groups'), true),
      ...declaredIn(poetry.dependencies, 'python', path, false).filter(({ name: one }) => one !== 'python'),
      ...[tableAt(poetry, 'dev-dependencies'), ...poetryGroups].flatMap((table) =>
        declaredIn(table, 'python', path, true),
      ),
    ],
  };
}

function readRequirements(text: string, path: string): ManifestFacts {
  const isDevelopment = /dev|test|lint|doc/i.test(path);
  return { own: [], declared: text.split('\n', 5000).flatMap((line) => requirement(line, path, isDevelopment)) };
}

function readCargo(text: string, path: string): ManifestFacts {
  const toml = parseToml(text);
  const name = textOf(tableAt(toml, 'package').name);
  const targets = Object.values(tableAt(toml, 'target')).map((target) => tableAt(target, 'dependencies'));
  return {
    own: name === '' ? [] : [{ ecosystem: 'cargo', name, directory: folderOf(path) }],
    declared: [
      ...[tableAt(toml, 'dependencies'), tableAt(toml, 'workspace', 'dependencies'), ...targets].flatMap((table) =>
        declaredIn(table, 'cargo', path, false),
      ),
      ...declaredIn(toml['dev-dependencies'], 'cargo', path, true),
      ...declaredIn(toml['build-dependencies'], 'cargo', path, true),
    ],
  };
}

const tagOf = (xml: string, tag: string) => new RegExp(`<${tag}>\\s*([^<\\s]+)\\s*</${tag}>`).exec(xml)?.[1] ?? '';

function readPom(text: string, path: string): ManifestFacts {
  const parts = text.split(/<dependency>/).slice(1);
  const head = text.split(/<(?:dependencies|dependencyManagement|build|profiles)>/, 1)[0] ?? '';
  const own = tagOf(head.replace(/<parent>[\s\S]*?<\/parent>/, ''), 'groupId') || tagOf(head, 'groupId');
  const declared = parts.map((part): Declared => {
    const body = part.split('</dependency>', 1)[0] ?? '';
    const name = `${tagOf(body, 'groupId')}:${tagOf(body, 'artifactId')}`;
    return {
      name,
      version: tagOf(body, 'version'),
      manifest: path,
      ecosystem: 'jvm',
      isDevelopment: tagOf(body, 'scope') === 'test',
    };
  });
  return { own: own === '' ? [] : [{ ecosystem: 'jvm', name: own, directory: folderOf(path) }], declared };
}

function readGradle(text: string, path: string): ManifestFacts {
  const found = text.matchAll(
    /\b(\w*(?:[iI]mplementation|[aA]pi|compileOnly|runtimeOnly|kapt|ksp))\b\s*\(?\s*["']([\w.-]+:[\w.-]+)(?::([\w.$ {}-]+))?["']/g,
  );
  const declared = [...found].map(([, scope = '', name = '', version = '']): Declared => {
    return { name, version, manifest: path, ecosystem: 'jvm', isDevelopment: /test/i.test(scope) };
  });
  return { own: [], declared };
}

function readComposer(text: string, path: string): ManifestFacts {
  const json: unknown = JSON.parse(text);
  const prefixes = [tableAt(json, 'autoload', 'psr-4'), tableAt(json, 'autoload-dev', 'psr-4')].flatMap(Object.keys);
  const declared = [
    ...declaredIn(tableAt(json, 'require'), 'composer', path, false),
    ...declaredIn(tableAt(json, 'require-dev'), 'composer', path, true),
  ].filter(({ name }) => name.includes('/'));
  return {
    own: prefixes.map((name) => ({ ecosystem: 'composer', name: name.replace(/\\+$/, ''), directory: folderOf(path) })),
    declared,
  };
}

function readGemfile(text: string, path: string): ManifestFacts {
  const found = text.matchAll(
    /^\s*(?:gem|\w+\.add_(?:\w+_)?dependency)[\s(]+["']([\w.-]+)["'](?:\s*,\s*["']([^"']+)["'])?/gm,
  );
  const declared = [...found].map(([line, name = '', version = '']): Declared => {
    return { name, version, manifest: path, ecosystem: 'rubygems', isDevelopment: line.includes('development') };
  });
  const own = /\.name\s*=\s*["']([\w-]+)["']/.exec(text)?.[1];
  return { own: own === undefined ? [] : [{ ecosystem: 'rubygems', name: own, directory: folderOf(path) }], declared };
}

function readProject(text: string, path: string): ManifestFacts {
  const found = text.matchAll(/<PackageReference\s+[^>]*Include="([^"]+)"(?:[^>]*Version="([^"]+)")?/g);
  const declared = [...found].map(([, name = '', version = '']): Declared => {
    return { name, version, manifest: path, ecosystem: 'nuget', isDevelopment: /test/i.test(path) };
  });
  const name = tagOf(text, 'RootNamespace') || (path.split('/').at(-1) ?? '').replace(/\.\w+proj$/, '');
  return { own: [{ ecosystem: 'nuget', name, directory: folderOf(path) }], declared };
}

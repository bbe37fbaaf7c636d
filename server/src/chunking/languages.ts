/** Decides which language a file is written in, from its name alone. */

const byExtension: Record<string, string> = {
  asm: 'assembly',
  s: 'assembly',
  astro: 'astro',
  awk: 'awk',
  bash: 'shell',
  bats: 'shell',
  ksh: 'shell',
  sh: 'shell',
  zsh: 'shell',
  fish: 'shell',
  bzl: 'starlark',
  bazel: 'starlark',
  star: 'starlark',
  c: 'c',
  h: 'c',
  cc: 'cpp',
  cpp: 'cpp',
  cxx: 'cpp',
  hh: 'cpp',
  hpp: 'cpp',
  hxx: 'cpp',
  ipp: 'cpp',
  inl: 'cpp',
  cu: 'cpp',
  cuh: 'cpp',
  clj: 'clojure',
  cljs: 'clojure',
  cljc: 'clojure',
  edn: 'clojure',
  cmake: 'cmake',
  cr: 'crystal',
  cs: 'csharp',
  csx: 'csharp',
  css: 'css',
  less: 'css',
  sass: 'css',
  scss: 'css',
  cue: 'cue',
  d: 'd',
  dart: 'dart',
  dockerfile: 'dockerfile',
  el: 'elisp',
  lisp: 'lisp',
  scm: 'scheme',
  rkt: 'racket',
  elm: 'elm',
  erl: 'erlang',
  hrl: 'erlang',
  ex: 'elixir',
  exs: 'elixir',
  heex: 'elixir',
  f90: 'fortran',
  f95: 'fortran',
  f03: 'fortran',
  fs: 'fsharp',
  fsi: 'fsharp',
  fsx: 'fsharp',
  go: 'go',
  gradle: 'groovy',
  groovy: 'groovy',
  graphql: 'graphql',
  gql: 'graphql',
  hcl: 'hcl',
  tf: 'hcl',
  tfvars: 'hcl',
  nomad: 'hcl',
  hs: 'haskell',
  lhs: 'haskell',
  htm: 'html',
  html: 'html',
  xhtml: 'html',
  ini: 'ini',
  cfg: 'ini',
  conf: 'ini',
  properties: 'ini',
  editorconfig: 'ini',
  java: 'java',
  jl: 'julia',
  js: 'javascript',
  cjs: 'javascript',
  mjs: 'javascript',
  jsx: 'javascript',
  json: 'json',
  json5: 'json',
  jsonc: 'json',
  jsonl: 'json',
  ndjson: 'json',
  jsonnet: 'jsonnet',
  libsonnet: 'jsonnet',
  kt: 'kotlin',
  kts: 'kotlin',
  lua: 'lua',
  m: 'objectivec',
  mm: 'objectivec',
  make: 'make',
  mk: 'make',
  markdown: 'markdown',
  md: 'markdown',
  mdx: 'markdown',
  ml: 'ocaml',
  mli: 'ocaml',
  nim: 'nim',
  nix: 'nix',
  pas: 'pascal',
  php: 'php',
  phtml: 'php',
  pl: 'perl',
  pm: 'perl',
  t: 'perl',
  prisma: 'prisma',
  proto: 'protobuf',
  ps1: 'powershell',
  psm1: 'powershell',
  py: 'python',
  pyi: 'python',
  pyx: 'python',
  r: 'r',
  rb: 'ruby',
  erb: 'ruby',
  gemspec: 'ruby',
  rake: 'ruby',
  rego: 'rego',
  rs: 'rust',
  rst: 'restructuredtext',
  adoc: 'asciidoc',
  tex: 'latex',
  scala: 'scala',
  sbt: 'scala',
  sc: 'scala',
  sol: 'solidity',
  sql: 'sql',
  svelte: 'svelte',
  swift: 'swift',
  sv: 'verilog',
  v: 'verilog',
  vhd: 'vhdl',
  vhdl: 'vhdl',
  thrift: 'thrift',
  tmpl: 'template',
  tpl: 'template',
  j2: 'template',
  mustache: 'template',
  hbs: 'template',
  toml: 'toml',
  ts: 'typescript',
  cts: 'typescript',
  mts: 'typescript',
  tsx: 'typescript',
  txt: 'text',
  vim: 'vim',
  vue: 'vue',
  wat: 'wasm',
  xml: 'xml',
  xsd: 'xml',
  xsl: 'xml',
  svg: 'xml',
  plist: 'xml',
  csproj: 'xml',
  yaml: 'yaml',
  yml: 'yaml',
  zig: 'zig',
  zon: 'zig',
};

const byName: Record<string, string> = {
  build: 'starlark',
  'cmakelists.txt': 'cmake',
  dockerfile: 'dockerfile',
  containerfile: 'dockerfile',
  gemfile: 'ruby',
  gnumakefile: 'make',
  'go.mod': 'go-module',
  'go.work': 'go-module',
  jenkinsfile: 'groovy',
  makefile: 'make',
  rakefile: 'ruby',
  tiltfile: 'starlark',
  vagrantfile: 'ruby',
  workspace: 'starlark',
};

/** Language of a file whose name says nothing. */
export const plainText = 'text';

/** Languages of documents and data, which define no names that code uses. */
export const documentLanguages: ReadonlySet<string> = new Set([
  'markdown',
  'restructuredtext',
  'asciidoc',
  'latex',
  'text',
  'json',
  'yaml',
  'toml',
  'ini',
  'xml',
  'html',
]);

/** The language's lower-case name (`go`, `typescript`, ...); `text` when neither name nor extension is known. */
export function languageOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const named = entryOf(byName, name);
  if (named !== undefined) return named;
  if (name.startsWith('dockerfile.') || name.startsWith('containerfile.')) return 'dockerfile';
  const dot = name.lastIndexOf('.');
  return dot < 0 ? plainText : (entryOf(byExtension, name.slice(dot + 1)) ?? plainText);
}

/** Not what every object has by its nature: a file may be called "constructor". */
function entryOf(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

const withoutDot = (type: string) => type.replace(/^\*?\./, '').toLowerCase();
const languages = new Set([...Object.values(byExtension), ...Object.values(byName), plainText]);
const named = (table: Record<string, string>, language: string) =>
  Object.keys(table).filter((key) => table[key] === language);

/** Lower-case globs of the names of files that `type` means: a language, an extension (`ts`, `.d.ts`) or a whole name (`Makefile`). */
export function fileGlobsOf(type: string): string[] {
  const name = withoutDot(type).replace(/[^\w.+-]/g, '');
  const globs = [
    ...named(byExtension, name).map((extension) => `*.${extension}`),
    ...named(byName, name),
    ...(name === 'dockerfile' ? ['dockerfile.*', 'containerfile.*'] : []),
    ...(entryOf(byName, name) === undefined ? [] : [name]),
  ];
  return globs.length > 0 ? globs : [`*.${name}`];
}

/** The language that people mean by `type`, its name or an extension; what is neither stays as it is. */
export function languageNamed(type: string): string {
  const name = withoutDot(type);
  return languages.has(name) ? name : (entryOf(byExtension, name) ?? name);
}

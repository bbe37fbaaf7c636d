/**
 * Decides which of the installed packages' files the server's image needs: those for its one platform, the grammars that
 * are read, and of the transformers runtime what embeds text on a CPU. Run in the image's build:
 * node prune-server-modules.ts NODE_MODULES [NODE_MODULES_OF_THE_WORKSPACE]. It uses nothing but Node, so that the build has it before any source.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Grammars that server/src/syntax/grammars.ts names; a test compares. */
export const grammars = {
  '@cursorless/tree-sitter-wasms/out': 'c css elixir haskell hcl html json kotlin lua scala swift yaml zig',
  '@vscode/tree-sitter-wasm/wasm': 'bash c-sharp cpp css go java javascript php python ruby rust tsx typescript',
};

/** Packages that nothing which the server does needs. `sharp` reads images; a stand-in takes its place. */
const unneeded =
  /^(onnxruntime-web|sharp|@img|@types|@huggingface\/(jinja|tokenizers)|adm-zip|global-agent|@lancedb\/[^/]*-musl|\.package-lock\.json)(\/|$)/;

/** The names of the packages whose contents are judged file by file, and which of their files stay. */
const partly = [
  // Its module for Node brings all but onnxruntime with it.
  { folder: '@huggingface/transformers/', keeps: /^(package\.json|LICENSE|dist\/transformers\.node\.mjs)$/ },
  { folder: '@tree-sitter-grammars/tree-sitter-toml/', keeps: /^(package\.json|LICENSE|tree-sitter-toml\.wasm)$/ },
  { folder: 'web-tree-sitter/debug/', keeps: /^$/ },
  // It brings declarations with each module, twice.
  { folder: 'openai/', keeps: /^(package\.json|LICENSE|.*(?<!\.d)\.m?js)$/ },
];

/**
 * True for files that the image needs.
 * @param path relative to node_modules, with forward slashes
 * @param platform as in process.platform
 * @param arch as in process.arch
 */
export function isNeeded(path: string, platform: string, arch: string): boolean {
  if (unneeded.test(path) || path.endsWith('.map')) return false;
  const libraries = /^onnxruntime-node\/(?:bin\/napi-v\d+\/([^/]+)\/([^/]+)\/|script\/|lib\/)/.exec(path);
  if (libraries !== null) return libraries[1] === platform && libraries[2] === arch;
  for (const { folder, keeps } of partly) {
    if (path.startsWith(folder)) return keeps.test(path.slice(folder.length));
  }
  for (const [folder, names] of Object.entries(grammars)) {
    if (path.startsWith(`${folder}/`)) {
      const grammar = /^tree-sitter-(.+)\.wasm$/.exec(path.slice(folder.length + 1));
      return grammar !== null && names.split(' ').includes(grammar[1] ?? '');
    }
  }
  return true;
}

/** Deletes from a node_modules folder what is not needed. */
export function prune(root: string, platform: string = process.platform, arch: string = process.arch): void {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(root.length + 1);
    if (!entry.isDirectory() && !isNeeded(name, platform, arch)) rmSync(path, { force: true });
  }
}

/** Puts the stand-in into a node_modules folder. */
function replaceSharp(root: string): void {
  // The transformers runtime asks for it when it is loaded, whether or not there are images.
  mkdirSync(join(root, 'sharp'), { recursive: true });
  writeFileSync(
    join(root, 'sharp/package.json'),
    '{"name":"sharp","version":"0.0.0","type":"module","exports":"./index.js"}\n',
  );
  writeFileSync(
    join(root, 'sharp/index.js'),
    "export default function sharp() {\n  throw new Error('This image reads no pictures.');\n}\n",
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [root, ...others] = process.argv.slice(2);
  if (root === undefined) throw new Error('Name the node_modules folder.');
  for (const folder of [root, ...others]) prune(folder);
  replaceSharp(root);
}

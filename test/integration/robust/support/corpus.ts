/**
 * Decides what stands on disk when the server is attacked: codebases, what lies around them, links that lead out, files
 * that hold credentials. Each text that no answer may show holds a canary of its own.
 */
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { commit, createRepository, git, writeTree } from '../../engine/harness.ts';
import { secretFiles, secretHistory } from './secrets.ts';

/** Texts outside of all codebases; whoever sees this word has left them. */
export const outsideCanary = 'canaryOutside4711';
/** Texts of the codebase `shop2`, which questions about `shop` must not show. */
export const neighbourCanary = 'canaryNeighbour4712';
/** In the server's environment. */
export const environmentCanary = 'canaryEnvironment4713';
/** In the clone URL of the source `broken`. */
export const urlCanary = 'canaryURL4714';
/** The server's own key for a provider of language models. */
export const modelKeyCanary = 'canaryModelKey4715';
/** A key that a caller sends: even to him it is not shown again. */
export const sentKeyCanary = 'canarySentKey4716';

const shopFiles: Readonly<Record<string, string>> = {
  'src/cart.ts': [
    "import { total } from './total.ts';",
    '',
    '/** Puts an item into the cart. */',
    'export function addToCart(items: string[], item: string): number {',
    '  // TODO: check the stock first',
    '  items.push(item);',
    '  return total(items.map((one) => one.length));',
    '}',
    '',
    'export function clearCart(items: string[]): void {',
    '  items.length = 0;',
    '}',
    '',
  ].join('\n'),
  'src/total.ts': [
    '/** Adds up prices. */',
    'export function total(prices: number[]): number {',
    '  let sum = 0;',
    '  for (const price of prices) {',
    '    if (price > 0) sum += price;',
    '  }',
    '  return sum;',
    '}',
    '',
  ].join('\n'),
  'src/cart.test.ts': [
    "import { test } from 'vitest';",
    "import { addToCart } from './cart.ts';",
    '',
    "test('adds', () => {",
    "  addToCart([], 'tea');",
    '});',
    '',
  ].join('\n'),
  'lib/payment.py': [
    'import os',
    '',
    '',
    'class Payment:',
    '    """One payment."""',
    '',
    '    def retry(self, attempt: int) -> int:',
    '        return 2 ** attempt * 100',
    '',
    '    def undocumented(self):',
    '        return os.sep',
    '',
  ].join('\n'),
  'README.md': '# Shop\n\n## Use\n\nA shop that sells things.\n',
  'package.json': '{\n  "name": "shop",\n  "dependencies": { "zod": "^4.0.0" }\n}\n',
  'größe/naïve.go': 'package naive\n\n// Grüße greets.\nfunc Grüße() string { return "hello" }\n',
  // Names that every object of JavaScript has.
  'odd/constructor': 'plain text in a file called constructor\n',
  'odd/notes.toString': 'plain text with an odd ending\n',
  'odd/__proto__': 'plain text in a file called proto\n',
  '.gitignore': 'ignored/\n*.log\n',
  'ignored/ignored.ts': `export const ignoredThing = '${outsideCanary}';\n`,
};

export type World = {
  /** Everything is below it; nothing that an answer shows should name it unasked. */
  root: string;
  shop: string;
  neighbour: string;
  outside: string;
  data: string;
  temporary: string;
  remove: () => void;
};

/** The codebases `shop` (a directory with history), `shop2` beside it, `mirror` (a clone of shop's repository) and what is around them. */
export function createWorld(): World {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'codesage-robust-')));
  const [shop, neighbour, outside, data, temporary] = ['shop', 'shop2', 'outside', 'data', 'temporary'].map((name) => {
    mkdirSync(join(root, name));
    return join(root, name);
  }) as [string, string, string, string, string];
  writeTree(outside, {
    'outside.ts': `export const outside = '${outsideCanary}';\n`,
    'deep/outside.ts': `export const outside = '${outsideCanary}';\n`,
    '.gitignore': `${outsideCanary}\n`,
  });
  // A name that begins like the codebase's own.
  writeTree(join(root, 'shop-private'), { 'outside.ts': `export const outside = '${outsideCanary}';\n` });
  writeTree(neighbour, {
    'src/other.ts': `export function otherThing() {\n  return '${neighbourCanary}';\n}\n`,
  });
  createRepository(shop, shopFiles);
  writeHistory(shop);
  writeTree(shop, Object.fromEntries(secretFiles.map(({ path, text }) => [path, text])));
  git(shop, 'config', 'remote.origin.url', 'https://bot:canarySecretGitConfig@git.example.com/shop.git');
  writeLinks({ root, shop, outside, neighbour });
  return {
    root,
    shop,
    neighbour,
    outside,
    data,
    temporary,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Commits that hold secrets which later commits delete, rename or take out of a file. */
function writeHistory(shop: string): void {
  for (const { files, remove = [], rename, message } of secretHistory) {
    for (const path of remove) git(shop, 'rm', '--quiet', '--force', path);
    if (rename !== undefined) {
      mkdirSync(dirname(join(shop, rename.to)), { recursive: true });
      git(shop, 'mv', rename.from, rename.to);
    }
    writeTree(shop, files);
    for (const path of Object.keys(files)) git(shop, 'add', '--force', path);
    git(shop, 'commit', '--quiet', '-m', message);
  }
  commit(shop, { 'src/late.ts': 'export const late = true;\n' }, 'Add a late file');
}

function writeLinks({ root, shop, outside, neighbour }: Omit<World, 'data' | 'temporary' | 'remove'>): void {
  mkdirSync(join(shop, 'links'));
  mkdirSync(join(shop, 'links/trap'));
  const links: [string, string][] = [
    ['file.ts', join(outside, 'outside.ts')],
    ['relative.ts', '../../outside/outside.ts'],
    ['directory', outside],
    ['chain', 'chain2'],
    ['chain2', 'chain3'],
    ['chain3', join(outside, 'outside.ts')],
    ['loop', 'loop'],
    ['up', '..'],
    ['root', '/'],
    ['proc', '/proc'],
    ['environ', '/proc/self/environ'],
    ['stdin', '/dev/stdin'],
    ['zero', '/dev/zero'],
    ['neighbour', neighbour],
    ['neighbour.ts', join(neighbour, 'src/other.ts')],
    ['parent', root],
    ['git', '../.git'],
    ['secret.txt', '../.env'],
    ['ignored.ts', '../ignored/ignored.ts'],
    ['dangling', '../../outside/nowhere.ts'],
    ['trap/.gitignore', '/dev/zero'],
    ['trap/.codesageignore', join(outside, '.gitignore')],
  ];
  for (const [name, target] of links) symlinkSync(target, join(shop, 'links', name));
  writeFileSync(join(shop, 'links/trap/inside.ts'), 'export const insideTheTrap = 1;\n');
  execFileSync('mkfifo', [join(shop, 'links/pipe')]);
  mkdirSync(join(shop, 'links/waits'));
  execFileSync('mkfifo', [join(shop, 'links/waits/.gitignore')]);
  // A hard link is the file itself, under one more name: whoever could make it could read it, so it is no way out.
  writeFileSync(join(root, 'hard.ts'), 'export const hardLinked = 1;\n');
  linkSync(join(root, 'hard.ts'), join(shop, 'links/hard.ts'));
}

/** Decides which texts are tried in the place of a path, a glob or a codebase, to get out of the codebase `shop`. */
import type { World } from './corpus.ts';
import type { Role } from './roles.ts';

/** "One level up", in all forms that some decoder, normaliser or file system might take for it. */
const ups: readonly string[] = [
  '..',
  '%2e%2e',
  '%2E.',
  '%252e%252e',
  '%25252e%25252e',
  '%c0%ae%c0%ae',
  '%e0%80%ae%e0%80%ae',
  '%uff0e%uff0e',
  '&#46;&#46;',
  '\\u002e\\u002e',
  '\\x2e\\x2e',
  '．．',
  '․․',
  '‥',
  '…',
  '。。',
  '｡｡',
  '..\u0307',
  '.\u0338.',
  '.\u200b.',
  '\ufeff..',
  '\u202e..',
  '.\u00ad.',
  '.. ',
  ' ..',
  '..\t',
  '..\n',
  '..\r',
  '..\0',
  '.\0.',
  '..\x7f',
  '..\x1b[2J',
  '...',
  '....',
  '.. .',
  '..;',
  '..;/..',
  '..%00',
  '..%0a',
  '..::$DATA',
  '"..""',
  "'..'",
  '$(echo ..)',
  '`echo ..`',
  '$HOME/..',
];

/** What might be taken for the border between two names. */
const borders: readonly string[] = [
  '/',
  '\\',
  '//',
  '\\\\',
  '/./',
  '\\/',
  '/\\',
  '%2f',
  '%2F',
  '%5c',
  '%252f',
  '%c0%af',
  '%e0%80%af',
  '／',
  '＼',
  '∕',
  '⁄',
  '⧸',
  '╱',
  ':',
  '\0/',
];

/** Out of `shop` and into `outside` by these borders and ups. */
function climbs(): string[] {
  const target = (up: string, border: string) => [up, 'outside', 'outside.ts'].join(border);
  const forms = [
    (up: string) => target(up, '/'),
    (up: string) => `shop/${target(up, '/')}`,
    (up: string) => `src/${[up, target(up, '\\')].join('\\')}`,
  ];
  const byUp = ups.flatMap((up, index) =>
    (index === 0 ? forms : [forms[index % forms.length]]).map((form) => form?.(up) ?? up),
  );
  const byBorder = borders.flatMap((border) => [
    target('..', border),
    `shop${border}src${border}..${border}${target('..', border)}`,
  ]);
  const deep = [1, 2, 8, 64, 1000].map((times) => `${'../'.repeat(times)}etc/passwd`);
  return [...byUp, ...byBorder, ...deep];
}

function absolutes({ root, outside, neighbour, shop }: World): string[] {
  const file = `${outside}/outside.ts`;
  return [
    file,
    `/${file}`,
    `//${file}`,
    `file://${file}`,
    `file://localhost${file}`,
    `FILE:${file}`,
    `${shop}/../outside/outside.ts`,
    `${shop}/../shop-private/outside.ts`,
    `${shop}-private/outside.ts`,
    `${shop}2/src/other.ts/../../../outside/outside.ts`,
    `${shop}/links/../../outside/outside.ts`,
    `${shop}/./src/../../outside/outside.ts`,
    `${shop}%2f..%2foutside%2foutside.ts`,
    `${shop}\\..\\outside\\outside.ts`,
    `/proc/self/root${file}`,
    `/proc/self/cwd/package.json`,
    `${shop.toUpperCase()}/../outside/outside.ts`,
    `${neighbour}/../outside/outside.ts`,
    root,
    outside,
    `${root}/`,
    `${root}/sh*`,
    `${root}/{outside,shop}`,
    `${shop}/..`,
    `${shop}/../outside`,
  ];
}

const places: readonly string[] = [
  '/',
  '//',
  '/etc/passwd',
  '/etc',
  'etc/passwd',
  '/proc/self/environ',
  '/proc/self/fd/0',
  '/proc/self/mem',
  '/proc/1/root/etc/passwd',
  '/dev/stdin',
  '/dev/fd/0',
  '/dev/zero',
  '/dev/tty',
  '/sys/kernel',
  '~/.ssh/id_rsa',
  '~root/.bashrc',
  '$HOME/.ssh/id_rsa',
  'C:\\Windows\\win.ini',
  'C:/Windows/win.ini',
  'c:outside.ts',
  '\\\\server\\share\\outside.ts',
  '//server/share/outside.ts',
  '\\\\?\\C:\\Windows\\win.ini',
  '\\\\.\\PhysicalDrive0',
  '\\Windows\\win.ini',
  'CON',
  'NUL.txt',
  'aux.ts',
  'http://127.0.0.1:1/outside.ts',
  'https://example.com/',
  'jar:file:///etc/passwd!/',
  'data:text/plain,outside',
  'codesage://shop/../outside/outside.ts',
  'codesage://../outside/outside.ts',
  'git://shop/src/cart.ts',
];

const links: readonly string[] = [
  ...[
    'file.ts',
    'relative.ts',
    'directory',
    'directory/outside.ts',
    'directory/deep/outside.ts',
    'directory/../outside/outside.ts',
    'chain',
    'loop',
    'loop/x.ts',
    'up/../outside/outside.ts',
    'up/links/file.ts',
    'root/etc/passwd',
    'proc/self/environ',
    'proc/self/root/etc/passwd',
    'environ',
    'stdin',
    'zero',
    'neighbour/src/other.ts',
    'neighbour.ts',
    'parent/outside/outside.ts',
    'parent/shop/.env',
    'parent/shop/../outside/outside.ts',
    'git/config',
    'secret.txt',
    'ignored.ts',
    'dangling',
    'pipe',
    'trap/.gitignore',
    'trap/.codesageignore',
    'waits/.gitignore',
    'waits/anything.ts',
  ].map((name) => `links/${name}`),
];

const insideButForbidden: readonly string[] = [
  '.env',
  './.env',
  'src/../.env',
  '.ENV',
  '.Env.Local',
  '.env/',
  '.env/.',
  '.env\0.ts',
  '.env%00.ts',
  '.env ',
  '.env.',
  '．env',
  '.env::$DATA',
  '.ｅnv',
  '.git/config',
  '.git/HEAD',
  '.git//config',
  '.GIT/config',
  '.g\u200cit/config',
  '.git\\config',
  '.git./config',
  'GIT~1/config',
  'ignored/ignored.ts',
  'src/../ignored/ignored.ts',
  'IGNORED/ignored.ts',
  'keys/id_rsa',
  'keys//id_rsa',
  'keys\\id_rsa',
];

const codebaseNames: readonly string[] = [
  'shop/../shop2',
  'shop/../outside',
  'shop/..',
  'shop/.',
  'shop/links/directory',
  'shop/links/neighbour',
  '../shop2',
  '../outside',
  'sho',
  'shop2x',
  'shop-private',
  'SHOP2',
  'shоp2',
  'shop,shop2',
  'shop shop2',
  'shop\nshop2',
  'shop\0shop2',
  '["shop2"]',
  'constructor',
  '__proto__',
  'prototype',
  'toString',
  'null',
  'undefined',
  '.',
  '..',
  '-',
  '--help',
  '--upload-pack=touch x',
  '-rf',
  '| cat /etc/passwd',
  '; cat /etc/passwd',
];

const globs: readonly string[] = [
  '../**',
  '../../**',
  '/**',
  '/etc/*',
  '/{etc,proc}/**',
  '{..,.}/**',
  '{../outside,src}/**',
  '**/../../outside/**',
  '**/..',
  '**/.env*',
  '**/.git/**',
  '**/id_rsa*',
  '.*',
  '.*/**',
  '!src/**',
  '!**',
  '[.][.]/**',
  '[!a]*/../**',
  '\\.\\./**',
  '?.?/**',
  'links/**',
  'links/*/outside.ts',
  '**/*',
  '*',
];

const revisions: readonly string[] = [
  'HEAD:../outside/outside.ts',
  'HEAD:.env',
  'HEAD:old/id_rsa',
  'HEAD~1:.env.staging',
  ':/Add settings',
  ':0:.env',
  'HEAD^{/Add}:.env.staging',
  'HEAD..HEAD~3',
  '@{-1}',
  '--output=/tmp/x',
  '--no-index /etc/passwd /dev/null',
  '-p',
  'refs/../../config',
  'FETCH_HEAD',
];

const sizes: readonly string[] = [
  '',
  ' ',
  '\t',
  '\0',
  '\n',
  'a'.repeat(255),
  'a'.repeat(256),
  'a'.repeat(4096),
  'a'.repeat(4097),
  'a/'.repeat(2048),
  '../'.repeat(1365),
  `${'x/../'.repeat(800)}../outside/outside.ts`,
  'é'.repeat(2000),
  'e\u0301'.repeat(1000),
  'grö\u00dfe/nai\u0308ve.go',
  '\ud800',
  '\udfff/outside.ts',
  '\ud83d\ude00'.repeat(500),
];

/** Under the codebase's name, too: that is how paths stand in answers. */
const named = (names: readonly string[]) => names.map((name) => `shop/${name}`);

/** What is tried in the place of a text of this role, each once. */
export function escapesOf(world: World, role: Role): string[] {
  const everywhere = [...places, ...sizes, ...insideButForbidden];
  switch (role) {
    case 'revision':
      // Each of these is answered by a process of git.
      return distinct([...revisions, ...everywhere]);
    case 'codebase':
      return distinct([...everywhere, ...climbs(), ...absolutes(world), ...links, ...codebaseNames, ...globs]);
    case 'glob':
      return distinct([...everywhere, ...climbs(), ...absolutes(world), ...links, ...globs]);
    default:
      return distinct([
        ...everywhere,
        ...climbs(),
        ...absolutes(world),
        ...links,
        ...named([...links, ...insideButForbidden, ...sizes]),
        ...codebaseNames,
        ...globs,
        ...revisions,
      ]);
  }
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** Decides whether imports of each language are told apart by where they come from, and whether manifests are understood. */
import { describe, expect, test } from 'vitest';
import { classify } from './classify.ts';
import { CodebasePaths } from './codebase-paths.ts';
import { isManifest, type ManifestFacts, readManifest } from './manifests.ts';

const facts = (paths: string[], ...manifests: ManifestFacts[]) => ({
  paths: new CodebasePaths(paths),
  manifests: { own: manifests.flatMap(({ own }) => own), declared: manifests.flatMap(({ declared }) => declared) },
});
type Known = ReturnType<typeof facts>;
const told = (known: Known, language: string, path: string, module: string, names: string[] = []) => {
  const { origin, name, target } = classify({ path, language, module, names }, known);
  return [origin, name, ...(target === undefined ? [] : [target])];
};

const web = facts(
  ['src/app.ts', 'src/lib/index.ts', 'src/lib/http.ts', 'packages/core/src/index.ts', 'src/view.vue', 'lib/base.js'],
  readManifest('package.json', '{"name": "@acme/web", "dependencies": {"express": "^5.0.0", "punycode": "2"}}'),
  readManifest('packages/core/package.json', '{"name": "@acme/core"}'),
);
const python = facts(
  [
    'src/shop/__init__.py',
    'src/shop/cart.py',
    'src/shop/io/__init__.py',
    'scripts/run.py',
    'scripts/helper.py',
    'logging/__init__.py',
  ],
  readManifest(
    'pyproject.toml',
    '[project]\nname = "shop"\ndependencies = ["requests>=2; python_version > \'3\'", "ruamel.yaml"]',
  ),
);
const go = facts(
  ['go.mod', 'cmd/main.go', 'internal/cart/cart.go', 'tools/go.mod', 'tools/gen/gen.go'],
  readManifest(
    'go.mod',
    'module example.com/shop\n\nrequire (\n\tk8s.io/api v0.30.0\n\tgithub.com/a/b/v2 v2.1.0 // indirect\n)\n',
  ),
  readManifest('tools/go.mod', 'module example.com/shop/tools\n'),
);
const rust = facts(
  ['src/lib.rs', 'src/cart.rs', 'util/src/lib.rs'],
  readManifest(
    'Cargo.toml',
    '[package]\nname = "my-shop"\n[dependencies]\nserde = { version = "1" }\ntokio-util = "0.7"\n',
  ),
);
const java = facts(
  ['src/main/java/com/acme/shop/Cart.java', 'src/main/java/com/acme/util/Texts.java'],
  readManifest('pom.xml', '<project><groupId>com.acme</groupId><artifactId>shop</artifactId></project>'),
);
const c = facts(['src/main.c', 'src/store.h', 'include/shop/api.h']);
const ruby = facts(['lib/shop.rb', 'lib/shop/cart.rb', 'bin/run.rb']);
const php = facts(
  ['src/Cart.php', 'config.php'],
  readManifest('composer.json', '{"autoload": {"psr-4": {"Acme\\\\": "src/"}}}'),
);
const csharp = facts(
  ['Shop/Cart.cs'],
  readManifest(
    'Shop/Shop.csproj',
    '<Project><PackageReference Include="Newtonsoft.Json" Version="13.0.1" /></Project>',
  ),
);
const swift = facts(['Sources/Shop/Cart.swift']);

describe('classify', () => {
  test.each<[string, Known, string, string, string, string[]]>([
    [
      'a relative script',
      web,
      'typescript',
      'src/app.ts',
      './lib/http',
      ['internal', 'src/lib/http.ts', 'src/lib/http.ts'],
    ],
    [
      'a script written as .js',
      web,
      'typescript',
      'src/app.ts',
      './lib/http.js',
      ['internal', 'src/lib/http.ts', 'src/lib/http.ts'],
    ],
    [
      'a directory with an index',
      web,
      'typescript',
      'src/app.ts',
      './lib',
      ['internal', 'src/lib/index.ts', 'src/lib/index.ts'],
    ],
    ['a script that is not there', web, 'typescript', 'src/app.ts', './gone.ts', ['internal', 'src/gone.ts']],
    ['a builtin of Node', web, 'typescript', 'src/app.ts', 'node:fs/promises', ['standard_library', 'fs/promises']],
    ['a builtin without prefix', web, 'javascript', 'src/app.ts', 'fs', ['standard_library', 'fs']],
    ['a declared package of a builtin name', web, 'javascript', 'src/app.ts', 'punycode/', ['third_party', 'punycode']],
    ['a part of a package', web, 'typescript', 'src/app.ts', 'express/lib/router', ['third_party', 'express']],
    ['a scoped package', web, 'typescript', 'src/app.ts', '@scope/name/part', ['third_party', '@scope/name']],
    ['a package of the workspace', web, 'typescript', 'src/app.ts', '@acme/core', ['internal', '@acme/core']],
    ['an alias', web, 'vue', 'src/view.vue', '@/lib/http', ['internal', '@/lib/http']],
    [
      'a path from the root',
      web,
      'typescript',
      'src/app.ts',
      'src/lib/http',
      ['internal', 'src/lib/http.ts', 'src/lib/http.ts'],
    ],
    [
      'a relative module',
      python,
      'python',
      'src/shop/io/__init__.py',
      '..cart',
      ['internal', 'src/shop/cart.py', 'src/shop/cart.py'],
    ],
    [
      'the package itself',
      python,
      'python',
      'scripts/run.py',
      'shop.cart',
      ['internal', 'src/shop/cart.py', 'src/shop/cart.py'],
    ],
    [
      'a script beside',
      python,
      'python',
      'scripts/run.py',
      'helper',
      ['internal', 'scripts/helper.py', 'scripts/helper.py'],
    ],
    ["Python's own", python, 'python', 'scripts/run.py', 'os.path', ['standard_library', 'os']],
    [
      'a root package that hides one of Python',
      python,
      'python',
      'scripts/run.py',
      'logging',
      ['internal', 'logging/__init__.py', 'logging/__init__.py'],
    ],
    [
      "Python's own that a package's part is named like",
      python,
      'python',
      'src/shop/cart.py',
      'io',
      ['standard_library', 'io'],
    ],
    ['a distribution', python, 'python', 'scripts/run.py', 'requests.adapters', ['third_party', 'requests']],
    ["Go's own", go, 'go', 'cmd/main.go', 'net/http', ['standard_library', 'net/http']],
    [
      'a package of the module',
      go,
      'go',
      'cmd/main.go',
      'example.com/shop/internal/cart',
      ['internal', 'example.com/shop/internal/cart', 'internal/cart'],
    ],
    ['a package of a required module', go, 'go', 'cmd/main.go', 'k8s.io/api/core/v1', ['third_party', 'k8s.io/api']],
    [
      'a package of a host with owners',
      go,
      'go',
      'cmd/main.go',
      'github.com/x/y/z/w',
      ['third_party', 'github.com/x/y'],
    ],
    ["Rust's own", rust, 'rust', 'src/lib.rs', 'std::collections', ['standard_library', 'std::collections']],
    ['a path in the crate', rust, 'rust', 'src/lib.rs', 'crate::cart', ['internal', 'crate::cart']],
    ['a module of the crate', rust, 'rust', 'src/lib.rs', 'cart', ['internal', 'cart', 'src/cart.rs']],
    ['a crate with a dash', rust, 'rust', 'src/lib.rs', 'tokio_util::codec', ['third_party', 'tokio_util']],
    [
      "Java's own",
      java,
      'java',
      'src/main/java/com/acme/shop/Cart.java',
      'java.util',
      ['standard_library', 'java.util'],
    ],
    [
      'a package of the codebase',
      java,
      'java',
      'src/main/java/com/acme/shop/Cart.java',
      'com.acme.util',
      ['internal', 'com.acme.util', 'src/main/java/com/acme/util'],
    ],
    [
      'a library of Java',
      java,
      'java',
      'src/main/java/com/acme/shop/Cart.java',
      'org.slf4j',
      ['third_party', 'org.slf4j'],
    ],
    ["Kotlin's own", java, 'kotlin', 'src/a.kt', 'kotlin.io', ['standard_library', 'kotlin.io']],
    ['a system header', c, 'c', 'src/main.c', 'stdio.h', ['standard_library', 'stdio.h']],
    ['a header beside', c, 'c', 'src/main.c', 'store.h', ['internal', 'src/store.h', 'src/store.h']],
    [
      'a header of an include directory',
      c,
      'c',
      'src/main.c',
      'shop/api.h',
      ['internal', 'include/shop/api.h', 'include/shop/api.h'],
    ],
    ['a header of a library', c, 'cpp', 'src/main.c', 'boost/any.hpp', ['third_party', 'boost']],
    ['a header of nobody knows whom', c, 'c', 'src/main.c', 'gone.h', ['unresolved', 'gone.h']],
    ["Ruby's own", ruby, 'ruby', 'bin/run.rb', 'json', ['standard_library', 'json']],
    ['a file below lib', ruby, 'ruby', 'bin/run.rb', 'shop/cart', ['internal', 'lib/shop/cart.rb', 'lib/shop/cart.rb']],
    ['a gem', ruby, 'ruby', 'bin/run.rb', 'rails/all', ['third_party', 'rails']],
    ['a namespace of the codebase', php, 'php', 'src/Cart.php', 'Acme\\Util', ['internal', 'Acme\\Util']],
    ['a namespace of a library', php, 'php', 'src/Cart.php', 'Symfony\\Http', ['third_party', 'Symfony']],
    ["C#'s own", csharp, 'csharp', 'Shop/Cart.cs', 'System.Text.Json', ['standard_library', 'System.Text.Json']],
    [
      'a package of NuGet',
      csharp,
      'csharp',
      'Shop/Cart.cs',
      'Newtonsoft.Json.Linq',
      ['third_party', 'Newtonsoft.Json'],
    ],
    ['a namespace of the project', csharp, 'csharp', 'Shop/Cart.cs', 'Shop.Models', ['internal', 'Shop.Models']],
    ["Apple's frameworks", swift, 'swift', 'Sources/Shop/Cart.swift', 'Foundation', ['standard_library', 'Foundation']],
    ['a target of the package', swift, 'swift', 'Tests/a.swift', 'Shop', ['internal', 'Shop']],
    [
      'a script below a variable',
      c,
      'shell',
      'run.sh',
      `\${ROOT}/include/shop/api.h`,
      ['internal', 'include/shop/api.h', 'include/shop/api.h'],
    ],
    ['a base image', c, 'dockerfile', 'Dockerfile', 'alpine:3', ['unresolved', 'alpine:3']],
  ])('%s', (_name, known, language, path, module, expected) => {
    expect(told(known, language, path, module)).toEqual(expected);
  });
});

describe('readManifest', () => {
  const declared = (path: string, text: string) =>
    readManifest(path, text).declared.map(({ name, version, isDevelopment }) => [name, version, isDevelopment]);

  test.each<[string, string, unknown[]]>([
    [
      'package.json',
      '{"dependencies": {"a": "1"}, "devDependencies": {"b": "2"}}',
      [
        ['a', '1', false],
        ['b', '2', true],
      ],
    ],
    [
      'go.mod',
      'module x\nrequire example.com/a v1.0.0\nrequire (\n\texample.com/b v2.0.0\n\texample.com/c v3.0.0 // indirect\n)\n',
      [
        ['example.com/a', 'v1.0.0', false],
        ['example.com/b', 'v2.0.0', false],
      ],
    ],
    [
      'requirements-dev.txt',
      '# x\n-r other.txt\npytest==8\nblack [d] >= 24 # y\n',
      [
        ['pytest', '==8', true],
        ['black', '>= 24', true],
      ],
    ],
    [
      'pyproject.toml',
      '[tool.poetry.dependencies]\npython = "^3"\na = "^1"\n[tool.poetry.group.dev.dependencies]\nb = {version = "2"}',
      [
        ['a', '^1', false],
        ['b', '2', true],
      ],
    ],
    [
      'Cargo.toml',
      '[dependencies]\na = "1"\n[dev-dependencies]\nb = { version = "2" }',
      [
        ['a', '1', false],
        ['b', '2', true],
      ],
    ],
    [
      'pom.xml',
      '<project><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>1</version><scope>test</scope></dependency></dependencies></project>',
      [['g:a', '1', true]],
    ],
    [
      'app/build.gradle.kts',
      'dependencies {\n implementation("g:a:1")\n testImplementation("g:b")\n}',
      [
        ['g:a', '1', false],
        ['g:b', '', true],
      ],
    ],
    ['composer.json', '{"require": {"php": ">=8", "a/b": "^1"}}', [['a/b', '^1', false]]],
    [
      'Gemfile',
      "gem 'rails', '~> 7'\ngem \"puma\"\n",
      [
        ['rails', '~> 7', false],
        ['puma', '', false],
      ],
    ],
    ['package.json', '{ "dependencies": {{template}} }', []],
  ])('%s %s', (path, text, expected) => {
    expect(isManifest(path)).toBe(true);
    expect(declared(path, text)).toEqual(expected);
  });

  test.each(['package-lock.json', 'go.sum', 'src/requirements.py', 'pom.xml.orig'])('%s is none', (path) => {
    expect(isManifest(path)).toBe(false);
  });
});

import { expect, test } from 'vitest';
import { ImportReach } from './import-reach.ts';

const reach = (language: string, from: string, module: string, names: string[], target: string) =>
  new ImportReach([target, 'elsewhere/other.txt'])
    .of({ codebase: 'c', path: from, language, module, names, line: 1 })
    .get(target) ?? 0;

test('an import of a Go module means its root directory, wherever that is', () => {
  const modules = [
    { module: 'example.com/acme/widget/v2', directory: '' },
    { module: 'example.com/acme/tool', directory: 'tools' },
  ];
  const all = new ImportReach(['root.go', 'tools/tool.go', 'sub/x.go'], modules);
  const of = (module: string) => [
    ...all.of({ codebase: 'c', path: 'cmd/a.go', language: 'go', module, names: [], line: 1 }).keys(),
  ];
  expect(of('example.com/acme/widget/v2')).toEqual(['root.go']);
  expect(of('example.com/acme/tool')).toEqual(['tools/tool.go']);
  expect(of('example.com/other/widget')).toEqual([]);
});

test.each([
  ['a relative module', 'typescript', 'src/a.ts', './lib/b.ts', [], 'src/lib/b.ts', 2],
  ['its compiled name', 'typescript', 'src/a.ts', './lib/b.js', [], 'src/lib/b.ts', 2],
  ['without extension', 'javascript', 'src/a.js', '../lib/b', [], 'lib/b.jsx', 2],
  ['a folder by its index', 'typescript', 'src/a.ts', './lib', [], 'src/lib/index.ts', 2],
  ['a file that an index may hand on', 'typescript', 'src/a.ts', './lib/index.ts', ['X'], 'src/lib/deep/x.ts', 1],
  ['a relative module of another folder', 'typescript', 'src/a.ts', './lib/b.ts', [], 'other/lib/b.ts', 0],
  ['an alias of the root', 'typescript', 'src/a.ts', '@/lib/b', [], 'src/lib/b.ts', 2],
  ['a package of a workspace', 'typescript', 'app/a.ts', '@acme/store', ['X'], 'packages/store/src/x.ts', 1],
  ['a package of somebody else', 'typescript', 'app/a.ts', 'zod', ['z'], 'src/order.ts', 0],
  ['a Python module', 'python', 'app/a.py', 'app.jobs.retry', ['Retry'], 'app/jobs/retry.py', 2],
  ['a module among the names', 'python', 'app/a.py', 'app.jobs', ['retry'], 'app/jobs/retry.py', 2],
  ['a package that hands on', 'python', 'app/a.py', 'app.jobs', ['Retry'], 'app/jobs/retry.py', 2],
  ['a module beside', 'python', 'app/jobs/a.py', '.retry', ['Retry'], 'app/jobs/retry.py', 2],
  ['a module above', 'python', 'app/jobs/a.py', '..util', ['x'], 'app/util/__init__.py', 2],
  ['the same name elsewhere', 'python', 'app/jobs/a.py', '.retry', ['Retry'], 'other/retry.py', 0],
  ['a Go package', 'go', 'cmd/a.go', 'example.com/ship/pkg/store', [], 'pkg/store/store.go', 2],
  ['a vendored Go package', 'go', 'cmd/a.go', 'k8s.io/api/core', [], 'staging/src/k8s.io/api/core/types.go', 2],
  ['another package of that last name', 'go', 'cmd/a.go', 'example.com/ship/pkg/store', [], 'old/store/store.go', 0],
  ['a Java class', 'java', 'src/a/A.java', 'com.acme.util', ['Printer'], 'src/main/java/com/acme/util/Printer.java', 2],
  ['a Java package', 'java', 'src/a/A.java', 'com.acme.util', [], 'src/main/java/com/acme/util/Printer.java', 2],
  ['a module of a crate', 'rust', 'src/main.rs', 'crate::store', ['Store'], 'src/store.rs', 1],
  ['a folder module of a crate', 'rust', 'src/main.rs', 'crate::net::http', ['get'], 'src/net/http/mod.rs', 2],
  ['a header', 'c', 'src/a.c', 'net/http.h', [], 'include/net/http.h', 2],
  ['the source beside a header', 'c', 'src/a.c', 'http.h', [], 'src/http.c', 1],
  ['a PHP class', 'php', 'src/A.php', 'Acme\\Util', ['Printer'], 'src/Util/Printer.php', 1],
  ['an Elixir module', 'elixir', 'lib/a.ex', 'Shop.UserStore', [], 'lib/shop/user_store.ex', 2],
  ['a Ruby file', 'ruby', 'a.rb', 'shop/helper', [], 'lib/shop/helper.rb', 2],
])('%s', (_what, language, from, module, names, target, expected) => {
  expect(reach(language, from, module, names, target)).toBe(expected);
});

import { describe, expect, test } from 'vitest';
import { isTestPath } from './test-paths.ts';

describe('[search.ranking] isTestPath', () => {
  test.each([
    // Shipped for other people's tests.
    ['django/test/client.py', false],
    ['src/shop/test/factory.py', false],
    ['celery/contrib/testing/worker.py', false],
    ['trio/testing/_memory_streams.py', false],
    ['src/Symfony/Bundle/FrameworkBundle/Test/WebTestCase.php', false],
    ['src/Symfony/Component/Mailer/Test/Constraint/EmailCount.php', false],
    ['spring-test/src/main/java/org/springframework/test/web/servlet/MockMvc.java', false],
    ['spring-test/src/main/java/org/springframework/test/web/servlet/MockMvcTests.java', true],
    ['tokio-test/src/io.rs', false],
    ['lib/rack/test/utils.rb', false],
    ['activesupport/lib/active_support/testing/assertions.rb', false],
    // Tests, and what only they use.
    ['django/test/test_client.py', true],
    ['django/test/conftest.py', true],
    ['trio/testing/tests/check.py', true],
    ['tests/testing/helper.py', true],
    ['tests/client/views.py', true],
    ['test/helper.py', true],
    ['lib/test/helper.py', true],
    ['Lib/test/support/helper.py', true],
    ['backend/test/helper.py', true],
    ['services/shop/test/helper.py', true],
    ['networkx/classes/tests/historical.py', true],
    ['django/test/runtests.py', true],
    ['tests/Composer/Test/Mock/FactoryMock.php', true],
    ['tests/Composer/Test/TestCase.php', true],
    ['pkg/scheduler/testing/wrappers.go', true],
    ['test/e2e/framework/util.go', true],
    ['src/test/java/org/acme/Helper.java', true],
    ['integration-tests/src/main/java/org/acme/App.java', true],
    ['core/src/commonTest/kotlin/Helper.kt', true],
    ['src/Symfony/Component/Mailer/Tests/Helper.php', true],
    ['app/code/Magento/Catalog/Test/Unit/Helper.php', true],
    ['test/Helper.php', true],
    ['test/helper.rb', true],
    ['test/lib/shop/helper.rb', true],
    ['spec/support/helper.rb', true],
    ['packages/core/test/helper.ts', true],
    ['src/__tests__/helper.ts', true],
    ['smoke-test/src/lib.rs', true],
    ['tokio/src/runtime/tests/queue.rs', true],
    ['src/Core.Tests/Helper.cs', true],
    // Neither by name nor by place.
    ['src/latest/client.py', false],
    ['src/contest.py', false],
    ['jinja2/tests.py', false],
  ])('%s: %s', (path, isTest) => {
    expect(isTestPath(path)).toBe(isTest);
  });

  test('a path of many parts takes no time to tell', () => {
    const path = `${'a-test/'.repeat(200)}src/x.rs!`;
    const started = performance.now();
    for (let n = 0; n < 100; n++) isTestPath(path);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

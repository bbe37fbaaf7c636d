import { describe, expect, test } from 'vitest';
import { buildHealthApp, buildMetricsApp, listen, parseBindAddress } from './health.ts';
import { createMetrics } from './metrics.ts';

describe('[operator.health-metrics] the ports of the operator', () => {
  test('/healthz and /readyz are ok while no check fails', async () => {
    const app = buildHealthApp({ liveness: [], readiness: [{ name: 'cache', check: () => undefined }] });
    for (const path of ['/healthz', '/readyz']) {
      const response = await app.request(path);
      expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
    }
  });

  test('a failing check is named, and liveness does not depend on readiness', async () => {
    const app = buildHealthApp({
      liveness: [],
      readiness: [
        { name: 'good', check: () => undefined },
        { name: 'pods', check: () => 'not listed yet' },
      ],
    });
    expect((await app.request('/healthz')).status).toBe(200);
    const ready = await app.request('/readyz');
    expect([ready.status, await ready.text()]).toEqual([503, 'pods: not listed yet\n']);
  });

  test('/metrics has the names that dashboards for controller-runtime know', async () => {
    const response = await buildMetricsApp(createMetrics({ processMetrics: true })).request('/metrics');
    const text = await response.text();
    for (const name of [
      'controller_runtime_reconcile_total',
      'controller_runtime_reconcile_time_seconds',
      'workqueue_depth',
      'workqueue_adds_total',
      'workqueue_queue_duration_seconds',
      'workqueue_retries_total',
      'leader_election_master_status',
      'rest_client_requests_total',
      'process_resident_memory_bytes',
    ]) {
      expect(text).toContain(`# TYPE ${name} `);
    }
    expect(response.headers.get('content-type')).toContain('text/plain');
  });

  test('a port that is taken is an error, not a process that cannot be probed', async () => {
    const first = await listen(buildHealthApp({ liveness: [], readiness: [] }), { host: '127.0.0.1', port: 0 });
    await expect(
      listen(buildHealthApp({ liveness: [], readiness: [] }), { host: '127.0.0.1', port: first.port }),
    ).rejects.toThrow(/EADDRINUSE/);
    await first.close();
  });

  test.each([
    [':8080', { port: 8080 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:8080', { host: '::1', port: 8080 }],
    ['0', undefined],
  ])('the address %s is understood', (text, address) => {
    expect(parseBindAddress(text)).toEqual(address);
  });

  test.each(['8080', 'host', ':99999', '::1:80', ''])('the address "%s" is refused', (text) => {
    expect(() => parseBindAddress(text)).toThrow(RangeError);
  });
});

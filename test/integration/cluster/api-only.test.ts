import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { startApiServer } from '../../../hack/cluster/api-only.ts';
import { until } from '../../../hack/cluster/command.ts';
import { programs } from '../chart/support.ts';

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

test('[cluster.api-only] two API servers run side by side, know nothing of each other, and leave nothing behind', async () => {
  const started = performance.now();
  const [first, second] = await Promise.all([
    startApiServer({ name: 'first', audit: true }),
    startApiServer({ name: 'second', controllerManager: true }),
  ]);
  const seconds = (performance.now() - started) / 1000;
  try {
    expect(await Promise.all([first.url, second.url].map(isListening))).toEqual([true, true]);
    const [one, two] = await Promise.all([programs(first.kubeconfig), programs(second.kubeconfig)]);
    expect(one.kubectl(['create', 'namespace', 'only-here']).exitCode).toBe(0);
    expect(two.kubectl(['get', 'namespace', 'only-here']).stderr).toContain('NotFound');
    expect(await readFile(first.auditLog ?? '', 'utf8')).toContain('only-here');
    // Only the second has the controllers that give a namespace its service account.
    const account = ['get', 'serviceaccount', 'default', '--namespace', 'default'];
    await until('the controller manager works', 20_000, () => two.kubectl(account).exitCode === 0, 500);
    expect(one.kubectl(account).stderr).toContain('NotFound');
    // Measured 9 s on two busy cores; a minute would make one copy a test file unaffordable.
    expect(seconds).toBeLessThan(60);
  } finally {
    await Promise.all([first.stop(), second.stop()]);
  }
  for (const { kubeconfig, url } of [first, second]) {
    expect(existsSync(dirname(kubeconfig))).toBe(false);
    expect(await isListening(url)).toBe(false);
  }
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { metricNames } from '../../server/src/contract.ts';
import { runbookSections } from './requirements.ts';
import { metricsIn, sectionsIn } from './runbook.ts';

describe('[proof.docs] docs/runbook.md', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');

  test('has every section of the original runbook, in order', () => {
    expect(sectionsIn(page)).toEqual(runbookSections);
  });

  test('names only metrics that the server exports', () => {
    const exported: string[] = Object.values(metricNames);
    expect(metricsIn(page).length).toBeGreaterThan(0);
    expect(metricsIn(page).filter((name) => !exported.includes(name))).toEqual([]);
  });
});

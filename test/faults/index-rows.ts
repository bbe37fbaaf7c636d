/** Decides when two indexes are equal: the same rows of every table, whatever their order, and without the times of reading. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@lancedb/lancedb';

const tables = ['files', 'chunks', 'symbols'] as const;
const times = new Set(['mtime_ms', 'read_at_ms']);

function rowText(row: Record<string, unknown>): string {
  const cells = Object.entries(row).filter(([name]) => !times.has(name));
  return JSON.stringify(cells, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'toArray' in value
      ? [...(value as { toArray(): Iterable<number> }).toArray()]
      : value,
  );
}

/** Digests of the rows of each table of the one generation that a codebase's index has, sorted. */
export async function rowsOfIndex(dataDir: string): Promise<Record<(typeof tables)[number], string[]>> {
  const directory = join(dataDir, 'index', 'shop');
  const [generation, ...others] = readdirSync(directory);
  if (generation === undefined || others.length > 0) {
    throw new Error(`one generation expected in ${directory}, found ${[generation, ...others].join(', ')}`);
  }
  const database = await connect(join(directory, generation));
  const rows = { files: [] as string[], chunks: [] as string[], symbols: [] as string[] };
  for (const name of tables) {
    const table = await database.openTable(name);
    for (const row of await table.query().toArray()) {
      const text = rowText({ ...row });
      const path = String((row as { path: unknown }).path);
      rows[name].push(`${path} ${createHash('sha256').update(text).digest('hex')}`);
    }
    rows[name].sort();
    table.close();
  }
  database.close();
  return rows;
}

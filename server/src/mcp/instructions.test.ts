/** Decides whether what models are told at the start is short enough to arrive whole, and true. */
import { expect, test } from 'vitest';
import { registry } from '../tools/registry.ts';
import { instructions } from './instructions.ts';

test('[mcp.instructions] they stay under 2,048 characters and name only tools and fields that exist', () => {
  expect(instructions.length).toBeLessThan(2048);
  const known = new Set(
    registry.flatMap(({ name, inputSchema, outputSchema }) => [
      name,
      ...Object.keys(inputSchema.properties ?? {}),
      ...Object.keys(outputSchema.properties ?? {}),
    ]),
  );
  const named = instructions.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [];
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

/** Decides whether the check of test/requirements.yaml passes: prints each disagreement with the tests, then how many are built and planned. */
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  type Citation,
  citationsIn,
  faultsOf,
  type Requirement,
  requirementSchema,
  summaryOf,
} from './check/requirements.ts';

const root = path.resolve(import.meta.dirname, '..');

async function readRequirements(): Promise<Requirement[]> {
  const text = await readFile(path.join(root, 'test/requirements.yaml'), 'utf8');
  const parsed = z.array(requirementSchema).safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`test/requirements.yaml is not a list of requirements:\n${z.prettifyError(parsed.error)}`);
}

async function readCitations(): Promise<Citation[]> {
  const citations: Citation[] = [];
  const files = glob('{operator,server,hack,test}/**/*.test.ts', {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  });
  for await (const file of files) {
    citations.push(...citationsIn(file, await readFile(path.join(root, file), 'utf8')));
  }
  return citations;
}

const [requirements, citations] = await Promise.all([readRequirements(), readCitations()]);
const faults = faultsOf(requirements, citations);
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.stdout.write(`${summaryOf(requirements)}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;

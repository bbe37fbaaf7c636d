/** Decides which files are generated, from what, and whether those in the checkout are fresh. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { generateApiFiles } from '../operator/src/api/generate.ts';
import { renderContentsDoc } from '../server/src/contents/document.ts';
import { renderToolsDoc } from '../server/src/tools/document.ts';
import { registry } from '../server/src/tools/registry.ts';
import { generateScanKernel } from './scan-kernel.ts';
import { generateSumKernel } from './sum-kernel.ts';
import { runToolExamples } from './tool-examples/run.ts';

const root = path.resolve(import.meta.dirname, '..');

/** All generated files by their path from the root of the checkout. The same sources give the same texts. */
async function generatedFiles(): Promise<Record<string, string>> {
  return {
    ...generateApiFiles(),
    'docs/tools.md': `${renderToolsDoc(registry, await runToolExamples(registry))}\n${renderContentsDoc()}`,
    ...(await generateScanKernel(root)),
    ...(await generateSumKernel(root)),
  };
}

/** Paths of generated files that differ from what the sources say. */
async function staleFiles(files: Record<string, string>): Promise<string[]> {
  const stale: string[] = [];
  for (const [file, text] of Object.entries(files)) {
    const existing = await readFile(path.join(root, file), 'utf8').catch(() => undefined);
    if (existing !== text) stale.push(file);
  }
  return stale;
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
}

await new Command('hack/generate')
  .description('Writes the CRDs, the API reference, the tool reference and the compiled kernels from their sources.')
  .option('--check', 'write nothing; exit 1 and name the files that are stale')
  .action(async (options: { check?: boolean }) => {
    const files = await generatedFiles();
    const stale = await staleFiles(files);
    if (options.check === true) {
      if (stale.length > 0) process.stderr.write(`stale: ${stale.join(', ')}; run hack/generate\n`);
      process.exitCode = stale.length > 0 ? 1 : 0;
      return;
    }
    for (const file of stale) await write(file, files[file] ?? '');
    process.stdout.write(stale.length > 0 ? `wrote ${stale.join(', ')}\n` : 'all generated files are fresh\n');
  })
  .parseAsync();

/** Decides how the arithmetic of a static embedding is compiled: from WebAssembly's text to a module inside a source file. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import binaryen from 'assemblyscript/binaryen';
import { wasmModuleText } from './scan-kernel.ts';

const folder = 'server/src/embedding';

/** The generated file by its path from the root of the checkout. @throws Error when the text is no valid module. */
export async function generateSumKernel(root: string): Promise<Record<string, string>> {
  const module = binaryen.parseText(await readFile(path.join(root, folder, 'sum-rows.wat'), 'utf8'));
  module.setFeatures(binaryen.Features.SIMD128 | binaryen.Features.Atomics | binaryen.Features.MultiMemory);
  if (module.validate() !== 1) throw new Error(`${folder}/sum-rows.wat is no valid module`);
  const wasm = module.emitBinary();
  module.dispose();
  return { [`${folder}/sum-rows-wasm.ts`]: wasmModuleText('sumRowsWasm', 'sum-rows.wat', wasm) };
}

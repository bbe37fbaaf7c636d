import { expect, test } from 'vitest';
import { grammars } from '../server/src/syntax/grammars.ts';
import { isNeeded } from './prune-server-modules.ts';

test('every grammar that is read stays in the image', () => {
  for (const { file } of Object.values(grammars)) expect(isNeeded(file, 'linux', 'x64'), file).toBe(true);
});

test.each([
  ['@cursorless/tree-sitter-wasms/out/tree-sitter-agda.wasm', false],
  ['@cursorless/tree-sitter-wasms/package.json', true],
  ['@vscode/tree-sitter-wasm/wasm/tree-sitter-powershell.wasm', false],
  ['onnxruntime-node/dist/index.js', true],
  ['onnxruntime-node/bin/napi-v6/linux/arm64/libonnxruntime.so.1', true],
  ['onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1', false],
  ['onnxruntime-node/bin/napi-v6/win32/arm64/DirectML.dll', false],
  ['onnxruntime-web/dist/ort.min.js', false],
  ['onnxruntime-common/dist/cjs/index.js', true],
  ['@huggingface/transformers/dist/transformers.node.mjs', true],
  ['@huggingface/transformers/dist/transformers.web.js', false],
  ['@img/sharp-linux-arm64/lib/sharp.node', false],
  ['sharp-phash/index.js', true],
  ['@lancedb/lancedb-linux-arm64-gnu/lancedb.node', true],
  ['@lancedb/lancedb-linux-arm64-musl/lancedb.node', false],
  ['openai/core/streaming.mjs', true],
  ['openai/package.json', true],
  ['openai/core/streaming.js', true],
  ['openai/core/streaming.d.ts', false],
  ['openai/core/streaming.d.mts', false],
  ['zod/index.js', true],
  ['zod/index.js.map', false],
])('of the files of an arm64 image, %s is needed: %s', (path, needed) => {
  expect(isNeeded(path, 'linux', 'arm64')).toBe(needed);
});

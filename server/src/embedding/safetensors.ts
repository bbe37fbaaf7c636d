/** Decides how a safetensors file is read: https://github.com/huggingface/safetensors#format. */

type TensorEntry = { dtype: string; shape: number[]; data_offsets: [number, number] };
export type Tensor = { dtype: string; shape: number[]; bytes: Uint8Array };

const maxHeaderBytes = 1 << 20;

/** The tensors of a safetensors file by name, as views into `file`. Throws when the file is not one or is cut short. */
export function readSafetensors(file: Uint8Array): Map<string, Tensor> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = file.byteLength < 8 ? Number.NaN : Number(view.getBigUint64(0, true));
  if (!(headerLength <= maxHeaderBytes && 8 + headerLength <= file.byteLength)) {
    throw new Error('not a safetensors file: its header length is out of range');
  }
  const header = JSON.parse(Buffer.from(file.subarray(8, 8 + headerLength)).toString('utf8')) as Record<
    string,
    TensorEntry
  >;
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [start, end] = entry.data_offsets;
    const bytes = file.subarray(8 + headerLength + start, 8 + headerLength + end);
    if (bytes.byteLength !== end - start)
      throw new Error(`tensor ${name} is cut short: ${bytes.byteLength} of ${end - start} bytes`);
    tensors.set(name, { dtype: entry.dtype, shape: entry.shape, bytes });
  }
  return tensors;
}

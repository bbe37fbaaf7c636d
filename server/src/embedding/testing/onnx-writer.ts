/**
 * Decides how a small ONNX model is written without the ONNX libraries: the few messages of onnx.proto that a graph
 * needs (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), in protobuf's wire format.
 */

export type OnnxTensor = { name: string; dims: readonly number[] } & (
  | { floats: Float32Array }
  | { integers: BigInt64Array }
);
export type OnnxNode = {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Readonly<Record<string, number | bigint | readonly number[]>>;
};
/** An input or output: numbers are fixed sizes, names are sizes known at run time only. */
export type OnnxValue = { name: string; type: 'float' | 'int64'; shape: readonly (number | string)[] };
export type OnnxGraph = {
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  nodes: readonly OnnxNode[];
  constants: readonly OnnxTensor[];
};

const dataTypes = { float: 1, int64: 7 } as const;
const attributeTypes = { float: 1, int: 2, ints: 7 } as const;
/** The first operator set with Gelu; LayerNormalization is in it since 17. */
const operatorSet = 20;

function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

const integer = (field: number, value: number | bigint) => [varint(field << 3), varint(value)];
const bytes = (field: number, value: Uint8Array) => [varint((field << 3) | 2), varint(value.byteLength), value];
const text = (field: number, value: string) => bytes(field, Buffer.from(value));

/** The parts stay as they are: weights of a hundred megabytes are copied once, at the end. */
function message(field: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
  return [varint((field << 3) | 2), varint(length), ...parts];
}

function float(field: number, value: number): Uint8Array[] {
  const number = Buffer.alloc(4);
  number.writeFloatLE(value);
  return [varint((field << 3) | 5), number];
}

function attribute(name: string, value: number | bigint | readonly number[]): Uint8Array[] {
  if (typeof value === 'number') return [...text(1, name), ...float(2, value), ...integer(20, attributeTypes.float)];
  if (typeof value === 'bigint') return [...text(1, name), ...integer(3, value), ...integer(20, attributeTypes.int)];
  return [...text(1, name), ...value.flatMap((one) => integer(8, one)), ...integer(20, attributeTypes.ints)];
}

function node({ op, inputs, outputs, attributes = {} }: OnnxNode): Uint8Array[] {
  return [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(4, op),
    ...Object.entries(attributes).flatMap(([name, value]) => message(5, attribute(name, value))),
  ];
}

function tensor(constant: OnnxTensor): Uint8Array[] {
  const values = 'floats' in constant ? constant.floats : constant.integers;
  return [
    ...constant.dims.flatMap((size) => integer(1, size)),
    ...integer(2, 'floats' in constant ? dataTypes.float : dataTypes.int64),
    ...text(8, constant.name),
    ...bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ];
}

function value({ name, type, shape }: OnnxValue): Uint8Array[] {
  const sizes = shape.flatMap((size) => message(1, typeof size === 'number' ? integer(1, size) : text(2, size)));
  const tensorType = [...integer(1, dataTypes[type]), ...message(2, sizes)];
  return [...text(1, name), ...message(2, message(1, tensorType))];
}

/** The bytes of a `.onnx` file. */
export function writeOnnx(graph: OnnxGraph): Buffer {
  const parts = [
    ...graph.nodes.flatMap((one) => message(1, node(one))),
    ...text(2, 'graph'),
    ...graph.constants.flatMap((one) => message(5, tensor(one))),
    ...graph.inputs.flatMap((one) => message(11, value(one))),
    ...graph.outputs.flatMap((one) => message(12, value(one))),
  ];
  return Buffer.concat([...integer(1, 9), ...message(7, parts), ...message(8, integer(2, operatorSet))]);
}

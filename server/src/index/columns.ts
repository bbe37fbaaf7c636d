/** Decides how rows become Arrow columns without an object a row: from typed arrays, so that threads can hand them over. */
import {
  type Data,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  type Schema,
  Struct,
  Utf8,
} from 'apache-arrow';
import type { TextColumn } from './text-column.ts';

export function textData(column: TextColumn): Data<Utf8> {
  const length = column.offsets.length - 1;
  return makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets: column.offsets, data: column.bytes });
}

export function intData(values: Int32Array): Data<Int32> {
  return makeData({ type: new Int32(), length: values.length, nullCount: 0, data: values });
}

export function doubleData(values: Float64Array): Data<Float64> {
  return makeData({ type: new Float64(), length: values.length, nullCount: 0, data: values });
}

export function vectorType(dimensions: number): FixedSizeList<Float32> {
  return new FixedSizeList(dimensions, new Field('item', new Float32(), true));
}

/** Vectors one after the other as one column. */
export function vectorData(values: Float32Array, dimensions: number): Data<FixedSizeList<Float32>> {
  return makeData({
    type: vectorType(dimensions),
    length: values.length / dimensions,
    nullCount: 0,
    child: makeData({ type: new Float32(), length: values.length, nullCount: 0, data: values }),
  });
}

export function recordBatch(schema: Schema, length: number, children: Data[]): RecordBatch {
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

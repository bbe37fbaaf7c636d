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
  Schema,
  Struct,
  Utf8,
} from 'apache-arrow';

/** A column of strings in Arrow's own form: UTF-8 bytes, and where each string starts. */
export type TextColumn = { offsets: Int32Array; bytes: Uint8Array };

const encoder = new TextEncoder();

export function packText(values: readonly string[]): TextColumn {
  const offsets = new Int32Array(values.length + 1);
  let size = 0;
  for (const value of values) size += Buffer.byteLength(value);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const [i, value] of values.entries()) {
    at += encoder.encodeInto(value, bytes.subarray(at)).written;
    offsets[i + 1] = at;
  }
  return { offsets, bytes };
}

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

/** The `files` table: one row a file that was looked at. `skipped` is empty for indexed files, else the reason. */
export function filesSchema(dimensions: number): Schema {
  return new Schema([
    new Field('path', new Utf8(), false),
    new Field('hash', new Utf8(), false),
    new Field('language', new Utf8(), false),
    new Field('skipped', new Utf8(), false),
    new Field('size_bytes', new Float64(), false),
    new Field('mtime_ms', new Float64(), false),
    new Field('read_at_ms', new Float64(), false),
    new Field('lines', new Int32(), false),
    new Field('chunks', new Int32(), false),
    // Mean of the chunks' vectors: its product with a query is the mean similarity of the file's chunks.
    new Field('vector', vectorType(dimensions), false),
  ]);
}

/** The `chunks` table. `words` is what full-text search reads; `definitions` are the names that the chunk defines. */
export function chunksSchema(dimensions: number): Schema {
  return new Schema([
    new Field('path', new Utf8(), false),
    new Field('language', new Utf8(), false),
    new Field('start_line', new Int32(), false),
    new Field('end_line', new Int32(), false),
    new Field('definitions', new Utf8(), false),
    new Field('text', new Utf8(), false),
    new Field('words', new Utf8(), false),
    new Field('vector', vectorType(dimensions), false),
  ]);
}

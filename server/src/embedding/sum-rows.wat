;; WebAssembly text; hack/generate puts it into sum-rows-wasm.ts. AssemblyScript knows one memory only, and here are two.
;; Decides the arithmetic of a static embedding: the sum of rows of int8 by their weights, brought to length 1.
(module
  ;; All rows, one after the other: one memory for all threads.
  (import "env" "table" (memory $table 1 65536 shared))
  ;; What this thread alone works with.
  (import "env" "own" (memory $own 1))

  ;; `list` holds `count` pairs: where a row starts in the table (u32), and its weight (f32). The vector of `width` f32, a
  ;; multiple of 16, goes to `out`; zeros when the sum is zero.
  (func (export "sumRows") (param $list i32) (param $count i32) (param $width i32) (param $out i32)
    (local $end i32) (local $at i32) (local $column i32) (local $to i32)
    (local $weight v128) (local $bytes v128) (local $half v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $squares v128) (local $sum f32)
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 3))))
    (local.set $to (local.get $out))
    ;; Sixteen columns of all rows at a time, so that their sums stay in registers.
    (loop $columns
      (local.set $a (v128.const i64x2 0 0))
      (local.set $b (v128.const i64x2 0 0))
      (local.set $c (v128.const i64x2 0 0))
      (local.set $d (v128.const i64x2 0 0))
      (local.set $at (local.get $list))
      (block $done
        (loop $rows
          (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
          (local.set $weight (v128.load32_splat $own offset=4 (local.get $at)))
          (local.set $bytes (v128.load $table (i32.add (i32.load $own (local.get $at)) (local.get $column))))
          (local.set $half (i16x8.extend_low_i8x16_s (local.get $bytes)))
          (local.set $a (f32x4.add (local.get $a) (f32x4.mul (local.get $weight)
            (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s (local.get $half))))))
          (local.set $b (f32x4.add (local.get $b) (f32x4.mul (local.get $weight)
            (f32x4.convert_i32x4_s (i32x4.extend_high_i16x8_s (local.get $half))))))
          (local.set $half (i16x8.extend_high_i8x16_s (local.get $bytes)))
          (local.set $c (f32x4.add (local.get $c) (f32x4.mul (local.get $weight)
            (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s (local.get $half))))))
          (local.set $d (f32x4.add (local.get $d) (f32x4.mul (local.get $weight)
            (f32x4.convert_i32x4_s (i32x4.extend_high_i16x8_s (local.get $half))))))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br $rows)))
      (v128.store $own (local.get $to) (local.get $a))
      (v128.store $own offset=16 (local.get $to) (local.get $b))
      (v128.store $own offset=32 (local.get $to) (local.get $c))
      (v128.store $own offset=48 (local.get $to) (local.get $d))
      (local.set $squares (f32x4.add (local.get $squares) (f32x4.add
        (f32x4.add (f32x4.mul (local.get $a) (local.get $a)) (f32x4.mul (local.get $b) (local.get $b)))
        (f32x4.add (f32x4.mul (local.get $c) (local.get $c)) (f32x4.mul (local.get $d) (local.get $d))))))
      (local.set $to (i32.add (local.get $to) (i32.const 64)))
      (local.set $column (i32.add (local.get $column) (i32.const 16)))
      (br_if $columns (i32.lt_u (local.get $column) (local.get $width))))
    (local.set $sum (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $squares)) (f32x4.extract_lane 1 (local.get $squares)))
      (f32.add (f32x4.extract_lane 2 (local.get $squares)) (f32x4.extract_lane 3 (local.get $squares)))))
    (if (f32.gt (local.get $sum) (f32.const 0)) (then
      (local.set $weight (f32x4.splat (f32.div (f32.const 1) (f32.sqrt (local.get $sum)))))
      (local.set $at (local.get $out))
      (loop $scale
        (v128.store $own (local.get $at) (f32x4.mul (local.get $weight) (v128.load $own (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $scale (i32.lt_u (local.get $at) (local.get $to))))))))

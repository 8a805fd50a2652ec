;; refused: describe-failed
;; says: out-of-fuel
;; One instruction that works for a long time is paid for by its length.
(component
  (core module $m (memory 16) (func $s (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 1048576)) (br 0))) (start $s) (func (export "f")))
  (core instance $m (instantiate $m))
  (func $f (canon lift (core func $m "f")))
  (instance $i (export "describe" (func $f)) (export "price" (func $f)))
  (export "qudao:pricing/pricing@0.1.0" (instance $i)))

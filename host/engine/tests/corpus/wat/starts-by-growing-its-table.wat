;; refused: describe-failed
;; says: memory
(component
  (core module $m (table 1 funcref) (func $s (loop (br_if 0 (i32.ge_s (table.grow (ref.null func) (i32.const 1000)) (i32.const 0)))) unreachable) (start $s) (func (export "f")))
  (core instance $m (instantiate $m))
  (func $f (canon lift (core func $m "f")))
  (instance $i (export "describe" (func $f)) (export "price" (func $f)))
  (export "qudao:pricing/pricing@0.1.0" (instance $i)))

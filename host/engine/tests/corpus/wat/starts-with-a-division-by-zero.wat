;; refused: describe-failed
;; says: trap
;; says: divide by zero
(component
  (core module $m (func $s (drop (i32.div_u (i32.const 1) (i32.const 0)))) (start $s) (func (export "f")))
  (core instance $m (instantiate $m))
  (func $f (canon lift (core func $m "f")))
  (instance $i (export "describe" (func $f)) (export "price" (func $f)))
  (export "qudao:pricing/pricing@0.1.0" (instance $i)))

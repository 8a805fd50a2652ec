;; refused: describe-failed
;; says: trap
(component
  (core module $m (table 1 funcref) (elem (i32.const 1) $e) (func $e) (func (export "f")))
  (core instance $m (instantiate $m))
  (func $f (canon lift (core func $m "f")))
  (instance $i (export "describe" (func $f)) (export "price" (func $f)))
  (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: wrong-world
;; says: has no function `price`
(component
  (core module $m (func (export "f")))
  (core instance $m (instantiate $m))
  (func $f (canon lift (core func $m "f")))
  (export "qudao:pricing/pricing@0.1.0" (func $f)))

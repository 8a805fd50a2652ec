;; refused: wrong-world
;; says: function `describe`
(component
  (core module $m (func (export "f")))
  (core instance $m (instantiate $m))
  (func $f (canon lift (core func $m "f")))
  (instance $i (export "describe" (func $f)) (export "price" (func $f)))
  (export "qudao:pricing/pricing@0.1.0" (instance $i)))

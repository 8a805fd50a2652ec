;; refused: wrong-world
;; says: exports `describe`, `price`
(component
  (core module $m (func (export "f")))
  (core instance $m (instantiate $m))
  (func $f (canon lift (core func $m "f")))
  (export "describe" (func $f)) (export "price" (func $f)))

;; refused: bad-structure
;; says: table
(component
  (core module $m (table 10000000 funcref) (func (export "f")))
  (core instance $m (instantiate $m))
  (func $f (canon lift (core func $m "f")))
  (instance $i (export "describe" (func $f)) (export "price" (func $f)))
  (export "qudao:pricing/pricing@0.1.0" (instance $i)))

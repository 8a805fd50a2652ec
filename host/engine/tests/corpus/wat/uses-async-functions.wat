;; refused: bad-structure
;; says: async
(component
  (core module $m (func (export "f")))
  (core instance $m (instantiate $m))
  (func $f async (canon lift (core func $m "f") async))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

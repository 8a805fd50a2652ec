;; refused: bad-structure
;; says: memor
(component
  (core module $m (memory 1))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: bad-structure
;; says: instances
(component
  (core module $m)
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (core instance (instantiate $m))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

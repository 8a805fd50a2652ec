;; refused: bad-structure
;; says: missing import
(component
  (component $inner (import "f" (func)))
  (instance (instantiate $inner))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: bad-structure
;; says: component model `value`s
(component
  (import "v" (value u32))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

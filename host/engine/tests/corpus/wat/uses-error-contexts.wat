;; refused: bad-structure
;; says: error
(component
  (core func $drop (canon error-context.drop))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: bad-structure
;; says: memory64
(component
  (core module (memory i64 1))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

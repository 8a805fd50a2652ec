;; refused: bad-structure
;; says: previous name
(component
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

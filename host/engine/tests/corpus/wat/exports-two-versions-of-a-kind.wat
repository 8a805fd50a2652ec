;; refused: wrong-world
;; says: more than one contract (qudao:pricing@0.2.0 and qudao:pricing@0.1.0)
(component
  (instance $j) (export "qudao:pricing/pricing@0.2.0" (instance $j))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: wrong-world
;; says: more than one contract (qudao:pricing@0.1.0 and qudao:kpi@0.1.0)
(component
  (instance $j) (export "qudao:kpi/kpi@0.1.0" (instance $j))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

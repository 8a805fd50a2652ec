;; refused: wrong-world
;; says: more than one kind (pricing and incentive and kpi)
(component
  (instance $j) (export "qudao:kpi/kpi@0.1.0" (instance $j))
  (export "qudao:incentive/incentive@0.1.0" (instance $j))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: wrong-world
;; says: `qudao:kpi/kpi`
;; says: does not speak
(component
  (instance $i) (export "qudao:kpi/kpi" (instance $i)))

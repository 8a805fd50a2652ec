;; refused: bad-structure
;; says: exporting a component
(component
  (component $c)
  (export "qudao:kpi/kpi@0.1.0" (component $c)))

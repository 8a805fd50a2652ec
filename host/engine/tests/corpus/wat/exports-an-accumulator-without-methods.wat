;; refused: wrong-world
;; says: no function `[static]accumulator.open`
(component
  (instance $i)
  (export "qudao:incentive/incentive@0.1.0" (instance $i)))

;; refused: wrong-world
;; says: `qudao:pricing/pricing@9.0.0`
;; says: does not speak
(component
  (instance $i) (export "qudao:pricing/pricing@9.0.0" (instance $i)))

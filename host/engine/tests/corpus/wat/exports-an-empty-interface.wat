;; refused: wrong-world
;; says: no function `price`
(component
  
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: bad-structure
;; says: exceptions
(component
  (core module (func try catch_all end))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: bad-structure
;; says: threads
(component
  (core module (memory 1 1 shared))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

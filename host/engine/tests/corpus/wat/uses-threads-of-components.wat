;; refused: bad-structure
;; says: 
(component
  (core func $n (canon thread.available_parallelism))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: bad-structure
;; says: custom page sizes
(component
  (core module (memory 1 (pagesize 1)))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: bad-structure
;; says: start function
(component
  (core module (func $s (param i32)) (start $s))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: imports-function
;; says: `file`
(component
  (import "file" (type (sub resource)))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

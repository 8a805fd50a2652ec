;; refused: imports-function
;; says: `part`
(component
  (import "part" (component (export "f" (func))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: imports-function
;; says: `code`
(component
  (import "code" (core module (export "f" (func))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

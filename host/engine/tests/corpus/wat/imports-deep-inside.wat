;; refused: imports-function
;; says: `outer#inner#f`
(component
  (import "outer" (instance
    (export "inner" (instance
      (export "f" (func))))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

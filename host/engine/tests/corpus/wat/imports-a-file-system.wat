;; refused: imports-function
;; says: `wasi:filesystem/types@0.2.0#descriptor`
;; A resource of the host is more than a type.
(component
  (import "wasi:filesystem/types@0.2.0" (instance
    (export "descriptor" (type (sub resource)))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

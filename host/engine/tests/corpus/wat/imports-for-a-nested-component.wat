;; refused: imports-function
;; says: `secret`
;; What the nested component wants comes from the host after all.
(component
  (import "secret" (func $secret))
  (component $inner (import "f" (func)))
  (instance (instantiate $inner (with "f" (func $secret))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

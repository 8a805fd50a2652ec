;; refused: imports-function
;; says: `wasi:clocks/wall-clock@0.2.0#now`
;; says: `wasi:clocks/wall-clock@0.2.0#resolution`
;; says: without WASI
(component
  (import "wasi:clocks/wall-clock@0.2.0" (instance
    (export "now" (func (result u64)))
    (export "resolution" (func (result u64)))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

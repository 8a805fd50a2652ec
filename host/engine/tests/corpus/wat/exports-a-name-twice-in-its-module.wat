;; refused: bad-structure
;; says: duplicate export
(component
  (core module (func $f) (export "f" (func $f)) (export "f" (func $f)))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

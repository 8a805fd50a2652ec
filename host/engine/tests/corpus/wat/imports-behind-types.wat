;; refused: imports-function
;; says: `mixed#f`
(component
  (import "mixed" (instance
    (type $record (record (field "day" u32)))
    (export "day" (type (eq $record)))
    (export "f" (func))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

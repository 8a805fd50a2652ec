;; refused: imports-function
;; says: `log`
(component
  (import "log" (func (param "text" string)))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: bad-structure
;; says: unknown function
(component
  (core module (func (call 9)))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

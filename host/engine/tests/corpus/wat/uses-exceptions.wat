;; refused: bad-structure
;; says: exceptions
(component
  (core module (tag $t) (func (throw $t)))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

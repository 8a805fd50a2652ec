;; refused: bad-structure
;; says: type mismatch
(component
  (core module (func (result i32) (i64.const 1)))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

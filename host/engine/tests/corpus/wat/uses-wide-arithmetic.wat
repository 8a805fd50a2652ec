;; refused: bad-structure
;; says: wide arithmetic
(component
  (core module (func (param i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 0))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

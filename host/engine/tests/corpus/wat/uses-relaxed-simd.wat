;; refused: bad-structure
;; says: relaxed SIMD support is not enabled
(component
  (core module (func (param v128) (drop (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0)))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

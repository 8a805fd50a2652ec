;; refused: bad-structure
;; says: gc types are disallowed
(component
  (core module (func (param externref)))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

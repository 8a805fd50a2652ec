;; refused: bad-structure
;; says: lowered
(component
  (core module $m (func (export "f") (param i64) (result i64)))
  (core instance $m (instantiate $m))
  (func (param "a" u32) (result u32) (canon lift (core func $m "f")))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

;; refused: bad-structure
;; says: memory
(component
  (core module $m (func (export "f") (result i32) (i32.const 0)))
  (core instance $m (instantiate $m))
  (func (result string) (canon lift (core func $m "f")))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

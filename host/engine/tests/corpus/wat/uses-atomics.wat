;; refused: bad-structure
;; says: threads
(component
  (core module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

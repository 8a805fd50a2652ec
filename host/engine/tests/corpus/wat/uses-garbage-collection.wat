;; refused: bad-structure
;; says: 
(component
  (core module (type $s (struct (field i32))) (func (drop (struct.new $s (i32.const 0)))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

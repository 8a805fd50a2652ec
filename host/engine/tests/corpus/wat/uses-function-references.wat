;; refused: bad-structure
;; says: 
(component
  (core module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

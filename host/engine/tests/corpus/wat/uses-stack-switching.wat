;; refused: bad-structure
;; says: 
(component
  (core module (type $f (func)) (type $c (cont $f)) (func (param (ref $c)) (resume $c (local.get 0))))
  (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))

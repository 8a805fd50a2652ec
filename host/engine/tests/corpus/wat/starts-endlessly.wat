;; refused: describe-failed
;; says: out-of-fuel
;; Starting up is under the same limits as answering.
(component
  (core module $m (func $s (loop (br 0))) (start $s) (func (export "f")))
  (core instance $m (instantiate $m))
  (func $f (canon lift (core func $m "f")))
  (instance $i (export "describe" (func $f)) (export "price" (func $f)))
  (export "qudao:pricing/pricing@0.1.0" (instance $i)))

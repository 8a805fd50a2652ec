;; refused: wrong-world
;; says: exports `wasi:cli/run@0.2.0`
(component
  (instance $i) (export "wasi:cli/run@0.2.0" (instance $i)))

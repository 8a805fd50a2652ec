;; refused: wrong-world
;; says: exports nothing
;; says: qudao:incentive@0.1.0
(component)

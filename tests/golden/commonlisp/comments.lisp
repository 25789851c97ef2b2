;;; Docs.
(defun add (a ; first
            b)
  ;; inside
  #| block
     (defun no ()) |#
  (+ a b)) ; trailing

#|
(defun commented-out () 1)
|#

(defun next () ; only
  ;; a comment
  nil)

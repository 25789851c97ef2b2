#+sbcl
(defun threads () (sb-thread:list-all-threads))
#-sbcl
(defun threads () nil)

(eval-when (:compile-toplevel :load-toplevel :execute)
  (defun at-compile-time (x)
    (list x)))

#+(or sbcl ccl) (defun both () 1)

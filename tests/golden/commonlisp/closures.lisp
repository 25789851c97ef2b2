(let ((count 0))
  (defun next-count ()
    (incf count))
  (defun reset-count () (setf count 0)))

(defparameter *handler*
  (lambda (x)
    (print x)))

(defvar *table* (make-hash-table))
(setf (gethash :a *table*) (lambda () 1))

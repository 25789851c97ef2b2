(defmacro with-cart ((var &rest args) &body body)
  "Binds VAR."
  `(let ((,var (make-cart ,@args)))
     ,@body))

(defmacro unless* (test &body body) `(if ,test nil (progn ,@body)))

(define-compiler-macro sum-to (&whole form n)
  (if (integerp n) (* n 2) form))

(deftype index () '(integer 0 100))

(define-modify-macro appendf (&rest lists) append)

(defstruct (point (:constructor make-point (x y)))
  (x 0.0 :type single-float)
  y)

(define-condition empty-cart (error)
  ((cart :initarg :cart))
  (:report (lambda (c stream)
             (format stream "empty"))))

(defun norm (p)
  (with-slots (x y) p
    (sqrt (+ (* x x) (* y y)))))

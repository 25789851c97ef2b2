(defun sound (x)
  (1+ x))

(defun broken (x)
  (+ x (* 2 x))))

(defun fine (y) y)

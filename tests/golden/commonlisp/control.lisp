(defun control (x)
  (cond ((> x 1) (one))
        ((= x 1)
         (two))
        (t (three)))
  (loop for i from 0 below 10
        for y = (f i)
        when (evenp i)
          collect y)
  (dolist (item x)
    (print item))
  (handler-case (risky)
    (error (e) (print e)))
  (case x
    (:a 1)
    ((:b :c) 2)
    (otherwise
     3))
  (values x 1))

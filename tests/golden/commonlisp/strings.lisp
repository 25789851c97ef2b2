(defun text (name)
  (let ((a "one
  two ; no comment")
        (b "quoted \"x\""))
    (format nil "~a ~
                 ~a" a name #\; '|odd symbol|)))

;;;; Licence
(in-package :shop)

(declaim (optimize (speed 3)))

;; Adds up.
(defun sum-to (n &optional (acc 0))
  "Adds up to N."
  (declare (type fixnum n acc))
  (if (zerop n)
      acc ; done
      (sum-to (1- n) (+ acc n))))

(defun doc-only ()
  "is the value")

(defun (setf total) (value cart)
  (setf (slot-value cart 'total) value))

(defun shop::internal (x) x)
(defconstant +limit+ 100)

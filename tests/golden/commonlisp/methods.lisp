(defclass cart ()
  ((items :initform nil :accessor items)
   (total :initarg :total))
  (:documentation "A cart."))

(defgeneric add (cart item)
  (:documentation "Adds."))

(defmethod add ((cart cart) item)
  "Adds an item."
  (push item (items cart))
  cart)

(defmethod add :before ((cart cart) item)
  (check item))

(defmethod add :around ((cart cart) (item null))
  (call-next-method))

(defmethod (setf price) (value (item item))
  (setf (slot-value item 'price) value))

(defmethod initialize-instance :after ((cart cart) &key)
  (setf (items cart) nil))

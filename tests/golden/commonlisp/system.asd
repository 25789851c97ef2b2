(asdf:defsystem "shop"
  :depends-on ("alexandria")
  :components ((:file "package")
               (:file "cart" :depends-on ("package"))))

(defmethod perform ((op test-op) (c (eql (find-system "shop"))))
  (load "tests"))

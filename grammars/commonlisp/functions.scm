; What is a function, and what gives it its name. Capture names are explained in grammars/README.md. A generic function has methods and
; no body of its own.

((defun (defun_header keyword: (_) @keyword function_name: (_) @name !specifier lambda_list: (_)) @header) @function
  (#set! keyword "(?i)defun|defmethod|defmacro"))

((defun (defun_header keyword: (_) @keyword function_name: (_) @name specifier: (_) @qualifier lambda_list: (_)) @header) @function
  (#set! keyword "(?i)defmethod") (#set! format "{name} {qualifier}"))

((list_lit . value: (sym_lit) @keyword . value: [(sym_lit) (package_lit) (list_lit)] @name . value: (list_lit) @header) @function
  (#set! keyword "(?i)define-compiler-macro|define-setf-expander|deftype"))

; The grammar knows `defun` and its like in small letters alone.

((list_lit . value: (sym_lit) @keyword . value: [(sym_lit) (package_lit) (list_lit)] @name . value: (list_lit) @header) @function
  (#set! keyword "(?i)defun|defmethod|defmacro"))

; Local functions.

((list_lit . value: (sym_lit) @keyword . value: (list_lit
  value: (list_lit . value: [(sym_lit) (list_lit)] @name . value: (list_lit) @header) @function))
  (#set! keyword "(?i)labels|flet|macrolet"))

; What normalisation needs: where comments and strings lie, and where lines begin and are indented. A string that is all of a body is
; its value and no docstring.

[(comment) (block_comment)] @comment

(str_lit) @verbatim

(defun . (defun_header) . value: (str_lit) @docstring . value: (_))

(list_lit) @indent @outdent
(defun) @indent @outdent
(loop_macro) @indent @outdent

(list_lit (_) @line)
(defun (_) @line)
(source (_) @line)
(loop_clause) @line

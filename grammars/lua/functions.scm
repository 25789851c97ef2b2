; What is a function, and what gives it its name. Capture names are explained in grammars/README.md. `function M:f()` is called
; M:f, as its author wrote.

(function_declaration name: (_) @name parameters: (_) @header) @function

; A function value counts where a statement or a field binds it to one name.

(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (function_definition parameters: (_) @header) .)) @function

(variable_declaration (assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (function_definition parameters: (_) @header) .))) @function

(field name: [(identifier) @name (string content: (_) @name)] value: (function_definition parameters: (_) @header)) @function

; Tables bound to a name.

(assignment_statement (variable_list . name: (_) @name .) (expression_list . value: (table_constructor) .)) @scope

(field name: [(identifier) @name (string content: (_) @name)] value: (table_constructor)) @scope

; What normalisation needs: where comments and strings lie, and where lines begin and are indented.

[(comment) (hash_bang_line)] @comment

(string) @verbatim

[(block) (table_constructor)] @indent

(table_constructor ["{" "}"] @outdent)

(chunk (_) @line)
(block (_) @line)
(field) @line

[(elseif_statement) (else_statement) "end" "until"] @line

; What is a function, and what gives it its name. Capture names are explained in grammars/README.md. A `let` of one name is taken
; whole; of `let rec f ... and g ...` each binding is a function of its own.

(value_definition . (let_binding pattern: [(value_name) (parenthesized_operator)] @name . (parameter) body: (_) @body) .) @function

(value_definition . (attribute) . (let_binding pattern: [(value_name) (parenthesized_operator)] @name . (parameter) body: (_) @body) .) @function

(let_binding pattern: [(value_name) (parenthesized_operator)] @name . (parameter) body: (_) @body) @function

(value_definition . (let_binding pattern: [(value_name) (parenthesized_operator)] @name
  body: [(fun_expression) (function_expression) (parenthesized_expression [(fun_expression) (function_expression)])] @body) .) @function

(let_binding pattern: [(value_name) (parenthesized_operator)] @name
  body: [(fun_expression) (function_expression) (parenthesized_expression [(fun_expression) (function_expression)])] @body) @function

((method_definition (method_name) @name body: (_) @body) @function (#set! separator "#"))

[
  (module_binding (module_name) @name body: (_))
  (class_binding (class_name) @name)
] @scope

(let_binding pattern: (value_name) @name body: (object_expression)) @scope

; What normalisation needs: where comments and strings lie, and where lines begin and are indented. Attributes such as [@inline] stay.

(comment) @comment

[(string) (quoted_string)] @verbatim

[(structure) (signature) (object_expression) (do_clause) (parenthesized_expression "begin")] @indent

(structure "end" @outdent)
(signature "end" @outdent)
(object_expression "end" @outdent)
(do_clause "done" @outdent)
(parenthesized_expression "begin" (_) @line)
(parenthesized_expression "begin" "end" @outdent)

(let_binding body: (_) @indent @line)
(fun_expression body: (_) @indent @line)
(match_case body: (_) @indent @line)
(method_definition body: (_) @indent @line)

(compilation_unit (_) @line)
(structure (_) @line)
(signature (_) @line)
(object_expression (_) @line)
(do_clause (_) @line)
(let_expression body: (_) @line)
(let_expression "in" @line)
(else_clause) @line
(sequence_expression (_) @line)
(value_definition "and" @line)

(match_expression "|" @line)
(function_expression "|" @line)
(try_expression ["|" "with"] @line)

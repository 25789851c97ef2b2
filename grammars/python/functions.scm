; What is a function, and what gives it its name. Capture names are explained in grammars/README.md.

(function_definition name: (identifier) @name body: (block) @body) @function

(decorated_definition
  definition: (function_definition name: (identifier) @name body: (block) @body)) @function

(class_definition name: (identifier) @name) @scope

; A lambda is a function of its own where a statement or a walrus binds it to a plain name.
(assignment left: (identifier) @name right: (lambda)) @function

(assignment left: (identifier) @name right: (parenthesized_expression (lambda))) @function

(named_expression name: (identifier) @name value: (lambda)) @function

; What normalisation needs: where comments and strings lie, and where lines begin and are indented.

(comment) @comment

(string) @verbatim

(block [(string) (concatenated_string)] @docstring)

(module [(string) (concatenated_string)] @docstring)

(block) @indent

(block (_) @line)

(module (_) @line)

[(elif_clause) (else_clause) (except_clause) (finally_clause) (case_clause) (decorator)] @line

(decorated_definition definition: (_) @line)

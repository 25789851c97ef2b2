; What is a function, and what gives it its name. Capture names are explained in grammars/README.md. All equations of one name are one
; function (names.clauses), its signature included.

(function name: (variable) @name @header !patterns) @function

(function name: (variable) @name patterns: (_) @header) @function

((function name: (prefix_id (operator) @name) patterns: (_) @header) @function (#set! format "({name})"))

((function (infix operator: (operator) @name) @header) @function (#set! format "({name})"))

(function (infix operator: (infix_id (variable) @name)) @header) @function

(function parens: (_ (infix operator: (infix_id (variable) @name))) patterns: (_) @header) @function

((function parens: (_ (infix operator: (operator) @name)) patterns: (_) @header) @function (#set! format "({name})"))

; Without parameters: what is computed counts, a constant written down does not. In a `where` or `let` only lambdas count.

(declarations (bind name: (variable) @name @header match: (match expression: [
  (apply) (infix) (do) (lambda) (lambda_case) (let_in) (case) (conditional) (multi_way_if) (parens) (left_section) (right_section) (negation)
  (signature) (list_comprehension) (projection_selector)])) @function)

((declarations (bind name: (prefix_id (operator) @name) @header match: (match expression: [
  (apply) (infix) (lambda) (lambda_case) (parens) (variable) (left_section) (right_section)])) @function) (#set! format "({name})"))

(declarations (bind name: (variable) @name @header match: [(match (guards)) (match expression: (variable))] binds: (local_binds)) @function)

(declarations (bind name: (variable) @name @header match: (match (guards))) @function)

(local_binds (bind name: (variable) @name @header match: (match expression: [(lambda) (lambda_case)])) @function)

[
  (instance_declarations (bind name: (variable) @name @header) @function)
  (class_declarations (bind name: (variable) @name @header) @function)
]

((instance_declarations (bind name: (prefix_id (operator) @name) @header) @function) (#set! format "({name})"))

((class_declarations (bind name: (prefix_id (operator) @name) @header) @function) (#set! format "({name})"))

(signature name: [(variable) @name (prefix_id (operator) @name)]) @prefix

; INLINE and its like between a signature and its function; elsewhere they stay in the module body.

(declarations (signature) . (pragma) @prefix . [(function) (bind)])

; A method is called by its class and, in an instance, its type: `Show T.show`.

(class name: (_) @name) @scope

(instance name: (_) @name !patterns) @scope

((instance name: (_) @name patterns: (_) @qualifier) @scope (#set! format "{name} {qualifier}"))

; What normalisation needs: where comments and strings lie, and where lines begin and are indented. A pragma is no comment.

[(comment) (haddock)] @comment

[(string) (quasiquote)] @verbatim

[(local_binds) (class_declarations) (instance_declarations) (do) (alternatives)] @indent

(haskell (_) @line)
(imports (_) @line)
(declarations (_) @line)
(class_declarations (_) @line)
(instance_declarations (_) @line)
(local_binds (_) @line)
(do (_) @line)
(alternatives (_) @line)
(pragma) @line
(cpp) @line

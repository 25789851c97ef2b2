; What JavaScript and TypeScript have in common; it is no language of its own. Capture names are explained in grammars/README.md.

[
  (function_declaration name: (identifier) @name body: (_) @body)
  (generator_function_declaration name: (identifier) @name body: (_) @body)
] @function

(export_statement "default" @name value: [
  (function_expression !name body: (_) @body)
  (generator_function !name body: (_) @body)
  (arrow_function body: (_) @body)
]) @function

(method_definition name: [(property_identifier) (private_property_identifier) (computed_property_name) (number)] @name body: (_) @body) @function

(method_definition name: (string (string_fragment) @name) body: (_) @body) @function

; A function value counts where a declaration, an assignment, a field or a property binds it to a name. A declaration of one name
; is taken whole, with its keyword.

([
  (lexical_declaration . (variable_declarator name: (identifier) @name value: [
    (arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]) .)
  (variable_declaration . (variable_declarator name: (identifier) @name value: [
    (arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]) .)
] @function)

(variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]) @function

(pair key: [(property_identifier) @name (computed_property_name) @name (string (string_fragment) @name)] value: [
  (arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]) @function

; `a.b.c = function` is called what its author wrote, up to four names; of other targets the last name counts.

(assignment_expression
  left: [
    (identifier) @name
    (member_expression object: (identifier)) @name
    (member_expression object: (member_expression object: (identifier))) @name
    (member_expression object: (member_expression object: (member_expression object: (identifier)))) @name
    (member_expression
      object: [
        (this) (call_expression) (parenthesized_expression) (subscript_expression)
        (member_expression object: [(this) (call_expression) (parenthesized_expression) (subscript_expression)])
      ]
      property: (_) @name)
  ]
  right: [
    (arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]) @function

; A function with a name of its own that is handed on at once.

[
  (arguments [(function_expression name: (identifier) @name body: (_) @body) (generator_function name: (identifier) @name body: (_) @body)] @function)
  (return_statement [(function_expression name: (identifier) @name body: (_) @body) (generator_function name: (identifier) @name body: (_) @body)] @function)
]

; Objects bound to a name. Classes and fields stand with the two languages, whose grammars name them differently.

(variable_declarator name: (identifier) @name value: [(object) (class !name)]) @scope

(export_statement "default" @name value: [(object) (class !name)]) @scope

(pair key: [(property_identifier) @name (string (string_fragment) @name)] value: [(object) (class !name)]) @scope

(assignment_expression
  left: [
    (identifier) @name
    (member_expression object: (identifier)) @name
    (member_expression object: (member_expression object: (identifier))) @name
    (member_expression object: (this) property: (_) @name)
  ]
  right: [(object) (class !name)]) @scope

; What normalisation needs: where comments and strings lie, and where lines begin and are indented. A directive such as
; "use strict" is a statement and stays.

[(comment) (html_comment) (hash_bang_line)] @comment

[(template_string) (string)] @verbatim ; an escaped line end carries a plain string over lines

[(statement_block) (class_body) (switch_body) (switch_case) (switch_default) (object) (array)] @indent

(statement_block ["{" "}"] @outdent)
(class_body ["{" "}"] @outdent)
(switch_body ["{" "}"] @outdent)
(switch_case "case" @outdent)
(switch_default "default" @outdent)
(object ["{" "}"] @outdent)
(array ["[" "]"] @outdent)

(program (_) @line)
(statement_block (_) @line)
(class_body (_) @line)
(switch_case (_) @line)
(switch_default (_) @line)
(object (_) @line)
(array (_) @line)

[(else_clause) (catch_clause) (finally_clause) (decorator)] @line

(class_declaration "class" @line)
(export_statement "export" @line)

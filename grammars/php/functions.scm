; What is a function, and what gives it its name. Capture names are explained in grammars/README.md. A method without a body, in an
; interface or abstract, is none.

(function_definition name: (name) @name body: (_) @body) @function

((method_declaration name: (name) @name body: (_) @body) @function (#set! separator "::"))

((property_hook (name) @name body: (_) @body) @function (#set! separator "::"))

((expression_statement (assignment_expression
  left: [(variable_name) (member_access_expression object: (variable_name)) (scoped_property_access_expression)] @name
  right: [(anonymous_function body: (_) @body) (arrow_function body: (_) @body)])) @function (#set! separator "::"))

; PHP's own names for what has none: class@anonymous, and C::$property::get for hooks.

[
  (class_declaration name: (name) @name)
  (interface_declaration name: (name) @name)
  (trait_declaration name: (name) @name)
  (enum_declaration name: (name) @name)
] @scope

(namespace_definition name: (namespace_name) @name !body) @section

(namespace_definition name: (namespace_name) @name body: (_) @within) @section

((anonymous_class "class" @name) @scope (#set! format "class@anonymous") (#set! separator "::"))

((property_declaration (property_element name: (variable_name) @name) (property_hook_list)) @scope (#set! separator "::"))

; What normalisation needs: where comments and strings lie, and where lines begin and are indented. An attribute #[...] is no comment.

(comment) @comment

[(string) (encapsed_string) (heredoc) (nowdoc) (shell_command_expression)] @verbatim

; A text may be blank lines alone, so it is asked for by a query (grammars/README.md).
((text) @verbatim)

[
  (compound_statement) (declaration_list) (enum_declaration_list) (switch_block) (match_block) (property_hook_list)
  (case_statement) (default_statement) (colon_block) (array_creation_expression)
] @indent

(compound_statement ["{" "}"] @outdent)
(declaration_list ["{" "}"] @outdent)
(enum_declaration_list ["{" "}"] @outdent)
(switch_block ["{" "}"] @outdent)
(match_block ["{" "}"] @outdent)
(property_hook_list ["{" "}"] @outdent)
(case_statement "case" @outdent)
(default_statement "default" @outdent)
(array_creation_expression ["[" "]" "array" ")"] @outdent)

(program (_) @line)
(compound_statement (_) @line)
(declaration_list (_) @line)
(enum_declaration_list (_) @line)
(case_statement (_) @line)
(default_statement (_) @line)
(colon_block (_) @line)
(match_block (_) @line)
(property_hook_list (_) @line)
(array_element_initializer) @line
(text_interpolation (_) @line)
(_ attributes: (attribute_list) . (_) @line)

[
  (else_clause) (else_if_clause) (catch_clause) (finally_clause)
  "endif" "endfor" "endforeach" "endwhile" "endswitch"
] @line
(function_definition "function" @line)
(method_declaration "function" @line)
(class_declaration "class" @line)

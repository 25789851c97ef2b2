(method_declaration name: (identifier) @name body: (block) @body) @function

(constructor_declaration name: (identifier) @name body: (constructor_body) @body) @function

(compact_constructor_declaration name: (identifier) @name body: (block) @body) @function

; Closures bound to names.

(field_declaration declarator: (variable_declarator name: (identifier) @name value: (lambda_expression body: (_) @body))) @function

(local_variable_declaration declarator: (variable_declarator name: (identifier) @name value: (lambda_expression body: (_) @body))) @function

(class_declaration name: (identifier) @name) @scope

(interface_declaration name: (identifier) @name) @scope

(enum_declaration name: (identifier) @name) @scope

(record_declaration name: (identifier) @name) @scope

(annotation_type_declaration name: (identifier) @name) @scope

(enum_constant name: (identifier) @name body: (class_body)) @scope

; An anonymous class is called what begins it.
((object_creation_expression type: (_) @name (class_body)) @scope (#set! format "new {name}() {{}}"))

; Layout.

[(line_comment) (block_comment)] @comment

(string_literal) @verbatim

[
  (block)
  (constructor_body)
  (class_body)
  (interface_body)
  (annotation_type_body)
  (enum_body)
  (switch_block)
  (switch_block_statement_group)
  (array_initializer)
] @indent

(block ["{" "}"] @outdent)

(constructor_body ["{" "}"] @outdent)

(class_body ["{" "}"] @outdent)

(interface_body ["{" "}"] @outdent)

(annotation_type_body ["{" "}"] @outdent)

(enum_body ["{" "}"] @outdent)

(switch_block ["{" "}"] @outdent)

(array_initializer ["{" "}"] @outdent)

(switch_block_statement_group (switch_label) @outdent)

(switch_rule) @line

[
  "else"
  (catch_clause)
  (finally_clause)
] @line

(do_statement "while" @line)

(program (_) @line)

(block (_) @line)

(constructor_body (_) @line)

(class_body (_) @line)

(interface_body (_) @line)

(annotation_type_body (_) @line)

(enum_body (_) @line)

(enum_body_declarations (_) @line)

(switch_block_statement_group (_) @line)

(array_initializer (_) @line)

(labeled_statement (_) @line)

; An annotation on a line of its own, and what it stands above.
(modifiers [(annotation) (marker_annotation)] @line)

(method_declaration type: (_) @line)

(method_declaration name: (_) @line)

(modifiers ["public" "private" "protected" "static" "final" "abstract" "default" "synchronized" "native"] @line)

(package_declaration "package" @line)

(class_declaration "class" @line)

(interface_declaration "interface" @line)

(field_declaration type: (_) @line)

(constructor_declaration name: (_) @line)

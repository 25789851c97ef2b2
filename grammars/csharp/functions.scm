((method_declaration (explicit_interface_specifier (_) @qualifier) name: (identifier) @name body: (_) @body) @function
  (#set! format "{qualifier}.{name}"))

(method_declaration name: (identifier) @name body: (_) @body) @function

(constructor_declaration name: (identifier) @name body: (_) @body) @function

((destructor_declaration name: (identifier) @name body: (_) @body) @function (#set! format "~{name}"))

(local_function_statement name: (identifier) @name body: (_) @body) @function

((operator_declaration operator: _ @name body: (_) @body) @function (#set! format "operator {name}"))

((conversion_operator_declaration type: (_) @name body: (_) @body) @function (#set! format "operator {name}"))

; A property is a scope around its accessors, and a function where it is an expression. Where it is an interface's, that says so.

((property_declaration (explicit_interface_specifier (_) @qualifier) name: (identifier) @name accessors: (_)) @scope
  (#set! format "{qualifier}.{name}"))

((property_declaration
  (explicit_interface_specifier (_) @qualifier) name: (identifier) @name value: (arrow_expression_clause) @body) @function
  (#set! format "{qualifier}.{name}"))

((event_declaration (explicit_interface_specifier (_) @qualifier) name: (identifier) @name) @scope
  (#set! format "{qualifier}.{name}"))

((indexer_declaration (explicit_interface_specifier (_) @qualifier) "this" @name accessors: (_)) @scope
  (#set! format "{qualifier}.this[]"))

((indexer_declaration (explicit_interface_specifier (_) @qualifier) "this" @name value: (arrow_expression_clause) @body) @function
  (#set! format "{qualifier}.this[]"))

(property_declaration name: (identifier) @name accessors: (_)) @scope

(property_declaration name: (identifier) @name value: (arrow_expression_clause) @body) @function

(event_declaration name: (identifier) @name) @scope

((indexer_declaration "this" @name accessors: (_)) @scope (#set! format "this[]"))

((indexer_declaration "this" @name value: (arrow_expression_clause) @body) @function (#set! format "this[]"))

(accessor_declaration name: _ @name body: (_) @body) @function

; Closures bound to names.

(field_declaration
  (variable_declaration (variable_declarator name: (identifier) @name (lambda_expression body: (_) @body)))) @function

(field_declaration
  (variable_declaration (variable_declarator name: (identifier) @name (anonymous_method_expression (block) @body)))) @function

(local_declaration_statement
  (variable_declaration (variable_declarator name: (identifier) @name (lambda_expression body: (_) @body)))) @function

(local_declaration_statement
  (variable_declaration (variable_declarator name: (identifier) @name (anonymous_method_expression (block) @body)))) @function

(class_declaration name: (identifier) @name) @scope

(struct_declaration name: (identifier) @name) @scope

(record_declaration name: (identifier) @name) @scope

(interface_declaration name: (identifier) @name) @scope

(namespace_declaration name: (_) @name) @scope

; It holds the rest of the file.
(compilation_unit (file_scoped_namespace_declaration name: (_) @name)) @scope

; Layout.

(comment) @comment

[(verbatim_string_literal) (raw_string_literal) (interpolated_string_expression)] @verbatim

[
  (block)
  (declaration_list)
  (accessor_list)
  (enum_member_declaration_list)
  (switch_body)
  (switch_section)
  (initializer_expression)
] @indent

(block ["{" "}"] @outdent)

(declaration_list ["{" "}"] @outdent)

(accessor_list ["{" "}"] @outdent)

(enum_member_declaration_list ["{" "}"] @outdent)

(switch_body ["{" "}"] @outdent)

(initializer_expression ["{" "}"] @outdent)

(switch_expression ["{" "}"] @line)

(anonymous_object_creation_expression ["{" "}"] @line)

(switch_section ["case" "default"] @outdent)

; Deeper than what it stands in.
(switch_expression_arm) @indent

(switch_expression_arm) @line

[
  "else"
  (catch_clause)
  (finally_clause)
  (attribute_list)
] @line

(do_statement "while" @line)

(compilation_unit (_) @line)

(global_statement (_) @line)

(block (_) @line)

(declaration_list (_) @line)

(accessor_list (_) @line)

(enum_member_declaration_list (_) @line)

(switch_section (_) @line)

(initializer_expression (_) @line)

(labeled_statement (_) @line)

; What attributes stand above.

(method_declaration [(modifier) (identifier) (predefined_type)] @line)

(class_declaration [(modifier) "class"] @line)

(struct_declaration [(modifier) "struct"] @line)

(property_declaration [(modifier) (predefined_type)] @line)

(field_declaration [(modifier) (variable_declaration)] @line)

(constructor_declaration [(modifier) (identifier)] @line)

(enum_declaration [(modifier) "enum"] @line)

; Directives stand at the level of what they are between.

(preproc_if (_) @line)

(preproc_elif (_) @line)

(preproc_else (_) @line)

(preproc_if "#endif" @line)

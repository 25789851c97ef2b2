; A declarator wraps its name: a pointer for each star of the return type, a reference for each &.

(function_definition
  declarator: [
    (operator_cast) @name
    (qualified_identifier) @name
    (function_declarator
      declarator: [(identifier) (field_identifier) (qualified_identifier) (destructor_name) (operator_name) (template_function)] @name)
    (function_declarator declarator: (parenthesized_declarator [(identifier) (field_identifier) (qualified_identifier)] @name))
    (function_declarator
      declarator: (parenthesized_declarator
        (pointer_declarator
          declarator: (function_declarator declarator: [(identifier) (field_identifier) (qualified_identifier)] @name))))
    (pointer_declarator
      declarator: (function_declarator
        declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name) (template_function)] @name))
    (reference_declarator
      (function_declarator
        declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name) (template_function)] @name))
    (pointer_declarator
      declarator: (pointer_declarator
        declarator: (function_declarator
          declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name) (template_function)] @name)))
    (pointer_declarator
      declarator: (pointer_declarator
        declarator: (pointer_declarator
          declarator: (function_declarator declarator: [(identifier) (field_identifier) (qualified_identifier)] @name))))
    (pointer_declarator
      declarator: (reference_declarator
        (function_declarator declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name)] @name)))
  ]
  body: (_) @body) @function

; A function whose body is a try block.
(function_definition
  declarator: (function_declarator declarator: [(identifier) (qualified_identifier)] @name)
  (try_statement) @body) @function

(template_declaration
  (function_definition
    declarator: [
      (operator_cast) @name
      (qualified_identifier) @name
      (function_declarator
        declarator: [(identifier) (field_identifier) (qualified_identifier) (destructor_name) (operator_name) (template_function)] @name)
      (pointer_declarator
        declarator: (function_declarator
          declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name) (template_function)] @name))
      (reference_declarator
        (function_declarator
          declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name) (template_function)] @name))
    ]
    body: (_) @body)) @function

(friend_declaration
  (function_definition
    declarator: [
      (function_declarator declarator: [(identifier) (operator_name)] @name)
      (reference_declarator (function_declarator declarator: [(identifier) (operator_name)] @name))
    ]
    body: (_) @body)) @function

; Closures bound to names.

(declaration
  declarator: (init_declarator declarator: (identifier) @name value: (lambda_expression body: (_) @body))) @function

(field_declaration declarator: (field_identifier) @name default_value: [
  (lambda_expression body: (_) @body) (initializer_list . (lambda_expression body: (_) @body) .)]) @function

(class_specifier name: (_) @name body: (_)) @scope

(struct_specifier name: (_) @name body: (_)) @scope

(union_specifier name: (_) @name body: (_)) @scope

(namespace_definition name: (_) @name) @scope

; Layout.

(comment) @comment

(raw_string_literal) @verbatim

[
  (compound_statement)
  (case_statement)
  (field_declaration_list)
  (enumerator_list)
  (initializer_list)
  (declaration_list)
] @indent

(compound_statement ["{" "}"] @outdent)

(field_declaration_list ["{" "}"] @outdent)

(enumerator_list ["{" "}"] @outdent)

(initializer_list ["{" "}"] @outdent)

(declaration_list ["{" "}"] @outdent)

(case_statement ["case" "default"] @outdent)

(access_specifier) @outdent

[
  (else_clause)
  (catch_clause)
] @line

(compound_statement (_) @line)

(case_statement (_) @line)

(labeled_statement (_) @line)

(do_statement "while" @line)

(translation_unit (_) @line)

(declaration_list (_) @line)

(field_declaration_list (_) @line)

(enumerator_list (_) @line)

(initializer_list (_) @line)

; What a template header stands above.
(template_declaration [(function_definition) (declaration) (class_specifier) (struct_specifier) (alias_declaration) (friend_declaration) (template_declaration)] @line)

; Directives stand at the level of what they are between.

(preproc_if (_) @line)

(preproc_ifdef (_) @line)

(preproc_elif (_) @line)

(preproc_else (_) @line)

["#endif" "#define" "#include"] @line

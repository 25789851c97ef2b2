; A declarator wraps its name: a pointer for each star of the return type, and once more for a pointer to a function.
; No function holds another (but for an extension), so a name is whole, whatever an open brace above makes of it.

((function_definition
  declarator: [
    (function_declarator declarator: (identifier) @name)
    (function_declarator declarator: (parenthesized_declarator (identifier) @name))
    (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))))
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
    (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator (identifier) @name)))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)))
    (pointer_declarator declarator: (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))))
  ]
  body: (_) @body) @function (#set! absolute))

; Layout.

(comment) @comment

(compound_statement) @indent

(compound_statement ["{" "}"] @outdent)

(compound_statement (_) @line)

(case_statement) @indent

(case_statement ["case" "default"] @outdent)

(case_statement (_) @line)

(labeled_statement (_) @line)

(else_clause) @line

(do_statement "while" @line)

(translation_unit (_) @line)

(linkage_specification body: (declaration_list (_) @line))

(linkage_specification body: (declaration_list ["{" "}"] @line))

(field_declaration_list) @indent

(field_declaration_list ["{" "}"] @outdent)

(field_declaration_list (_) @line)

(enumerator_list) @indent

(enumerator_list ["{" "}"] @outdent)

(enumerator_list (_) @line)

(initializer_list) @indent

(initializer_list ["{" "}"] @outdent)

(initializer_list (_) @line)

; Directives stand at the level of what they are between.

(preproc_if (_) @line)

(preproc_ifdef (_) @line)

(preproc_elif (_) @line)

(preproc_else (_) @line)

["#endif" "#define" "#include"] @line

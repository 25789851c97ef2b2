(function_definition name: (_) @name body: (_) @body) @function

; Closures bound to names.

(val_definition pattern: (identifier) @name value: (lambda_expression)) @function

(val_definition pattern: (identifier) @name value: (block . (lambda_expression) .)) @function

(val_definition pattern: (identifier) @name value: (case_block)) @function

(class_definition name: (_) @name) @scope

(object_definition name: (_) @name) @scope

(trait_definition name: (_) @name) @scope

(enum_definition name: (_) @name) @scope

(package_clause name: (_) @name body: (_)) @scope

(package_object name: (_) @name) @scope

(given_definition name: (_) @name) @scope

((given_definition !name return_type: (_) @name) @scope (#set! format "given {name}"))

; An anonymous class is called what begins it.
((instance_expression . (_) @name (template_body)) @scope (#set! format "new {name} {{}}"))

; Layout.

[(comment) (block_comment)] @comment

[(string) (interpolated_string_expression)] @verbatim

[
  (block)
  (indented_block)
  (template_body)
  (with_template_body)
  (enum_body)
  (case_block)
  (indented_cases)
  (enumerators)
] @indent

(extension_definition (function_definition) @indent)

(block ["{" "}"] @outdent)

(template_body ["{" "}"] @outdent)

(enum_body ["{" "}"] @outdent)

(case_block ["{" "}"] @outdent)

(for_expression ["{" "}"] @line)

[
  (catch_clause)
  (finally_clause)
  (annotation)
  "else"
  "yield"
] @line

(compilation_unit (_) @line)

(block (_) @line)

(indented_block (_) @line)

(template_body (_) @line)

(with_template_body (_) @line)

(enum_body (_) @line)

(case_block (_) @line)

(indented_cases (_) @line)

(enumerators (_) @line)

; What annotations stand above.
["def" "class" "object" "trait"] @line

(modifiers) @line

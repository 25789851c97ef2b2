(function_declaration (identifier) @name (function_body (_)) @body) @function

((constructor (static) (this) @name (function_body (_)) @body) @function (#set! format "static {name}"))

(constructor (this) @name (function_body (_)) @body) @function

((destructor (this) @name (function_body (_)) @body) @function (#set! format "~{name}"))

((postblit . (this) @name (function_body (_)) @body) @function (#set! format "{name}(this)"))

(unittest_declaration (unittest) @name (block_statement) @body) @function

(invariant_declaration (invariant) @name (block_statement) @body) @function

(pragma_declaration (pragma_expression) @prefix)

; Closures bound to names.
(auto_declaration variable: (identifier) @name value: (function_literal (block_statement) @body)) @function

(auto_declaration variable: (identifier) @name value: (function_literal)) @function

(class_declaration (class) (identifier) @name) @scope

(struct_declaration (struct) . (identifier) @name) @scope

(union_declaration (union) . (identifier) @name) @scope

(interface_declaration (interface) . (identifier) @name) @scope

(template_declaration (template) . (identifier) @name) @scope

; Layout.

(comment) @comment

[(raw_string) (string_literal)] @verbatim

[
  (block_statement)
  (aggregate_body)
  (case_statement)
] @indent

(block_statement ["{" "}"] @outdent)

(aggregate_body ["{" "}"] @outdent)

(case_statement [(case) (default)] @outdent)

[
  (else)
  (catch_statement)
  (finally_statement)
  (at_attribute)
  (in_statement)
  (out_statement)
] @line

(do_statement (while) @line)

(function_body (do) @line)

(source_file (_) @line)

(module_def (_) @line)

(block_statement (_) @line)

(aggregate_body (_) @line)

(case_statement (_) @line)

(template_declaration (_) @line)

(conditional_declaration (_) @line)

(function_declaration [(type) (storage_class)] @line)

(pragma_declaration (function_declaration) @line)

; Deeper than what they stand in.
(enum_declaration (enum_member) @indent)

(enum_declaration [(enum_member) "{" "}"] @line)

; What stands in these is no deeper.

(template_declaration ["{" "}"] @line)

(conditional_declaration ["{" "}"] @line)

(function_item name: (identifier) @name body: (block) @body) @function

(attribute_item) @prefix

; Closures bound to names.

(let_declaration pattern: (identifier) @name value: (closure_expression body: (_) @body)) @function

(static_item name: (identifier) @name value: (closure_expression body: (_) @body)) @function

(const_item name: (identifier) @name value: (closure_expression body: (_) @body)) @function

(impl_item !trait type: (generic_type type: (_) @name)) @scope

(impl_item !trait type: (_) @name) @scope

((impl_item trait: (_) @qualifier type: (_) @name) @scope (#set! format "<{outer}{name} as {qualifier}>"))

(trait_item name: (type_identifier) @name) @scope

(mod_item name: (identifier) @name) @scope

; Layout.

[(line_comment) (block_comment)] @comment

[(string_literal) (raw_string_literal)] @verbatim

[
  (block)
  (declaration_list)
  (match_block)
  (field_declaration_list)
  (field_initializer_list)
  (enum_variant_list)
  (use_list)
] @indent

(block ["{" "}"] @outdent)

(declaration_list ["{" "}"] @outdent)

(match_block ["{" "}"] @outdent)

(field_declaration_list ["{" "}"] @outdent)

(field_initializer_list ["{" "}"] @outdent)

(enum_variant_list ["{" "}"] @outdent)

(use_list "}" @outdent)

; Deeper with all it holds than what it stands in.
(macro_rule) @indent

(else_clause) @line

(source_file (_) @line)

(block (_) @line)

(declaration_list (_) @line)

(match_block (_) @line)

(field_declaration_list (_) @line)

(field_initializer_list (_) @line)

(enum_variant_list (_) @line)

(use_list (_) @line)

(macro_definition [(macro_rule) "}"] @line)

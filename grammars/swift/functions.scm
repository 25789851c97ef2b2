(function_declaration name: [(simple_identifier) (custom_operator)] @name body: (function_body) @body) @function

; Operators are tokens of their own, and one pattern for each of them would slow the whole query down. Types have this field, too.
((function_declaration name: _ @name @keyword body: (function_body) @body) @function
  (#set! keyword "[=!]==?|[<>]=?|[-+*/%]=?|[|&^~!]|<<|>>|\\+\\+|--"))

(init_declaration name: "init" @name body: (function_body) @body) @function

(deinit_declaration "deinit" @name body: (function_body) @body) @function

; A property or subscript is a function where it is computed by statements, else a scope around its accessors.

(property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)
  computed_value: (computed_property (statements)) @body) @function

(property_declaration name: (pattern bound_identifier: (simple_identifier) @name) computed_value: (computed_property)) @scope

(property_declaration name: (pattern bound_identifier: (simple_identifier) @name) (willset_didset_block)) @scope

(subscript_declaration "subscript" @name (computed_property (statements)) @body) @function

(subscript_declaration "subscript" @name (computed_property)) @scope

(computed_getter (getter_specifier "get" @name) @header) @function

(computed_setter (setter_specifier "set" @name) @header) @function

(willset_clause "willSet" @name @header) @function

(didset_clause "didSet" @name @header) @function

; A closure bound to a name.
(property_declaration name: (pattern bound_identifier: (simple_identifier) @name) value: (lambda_literal) @body) @function

(class_declaration name: [(type_identifier) (user_type)] @name) @scope

(protocol_declaration name: (type_identifier) @name) @scope

; Layout.

[(comment) (multiline_comment)] @comment

[(multi_line_string_literal) (raw_string_literal)] @verbatim

[
  (statements)
  (class_body)
  (enum_class_body)
  (protocol_body)
] @indent

(class_body ["{" "}"] @outdent)

(enum_class_body ["{" "}"] @outdent)

(protocol_body ["{" "}"] @outdent)

; Deeper with all they hold than what they stand in.
[
  (switch_entry)
  (computed_getter)
  (computed_setter)
  (willset_clause)
  (didset_clause)
] @indent

[
  (switch_entry)
  (computed_getter)
  (computed_setter)
  (willset_clause)
  (didset_clause)
  (catch_block)
  (directive)
  (else)
  "}"
] @line

; What attributes and modifiers stand above.
(modifiers (_) @line)

["func" "class" "struct" "enum" "protocol" "extension" "actor" "init" "deinit" "subscript"] @line

(property_declaration (value_binding_pattern) @line)

(repeat_while_statement "while" @line)

(source_file (_) @line)

(statements (_) @line)

(class_body (_) @line)

(enum_class_body (_) @line)

(protocol_body (_) @line)

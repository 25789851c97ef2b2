; An extension is called by what it extends.
(function_declaration receiver: (receiver_type) @qualifier (simple_identifier) @name (function_body) @body) @function

(function_declaration (simple_identifier) @name (function_body) @body) @function

(secondary_constructor "constructor" @name (constructor_delegation_call) @header "{") @function

(secondary_constructor "constructor" @name (function_value_parameters) @header "{") @function

; A property is called before its accessors, which stand in it or right behind it.

(property_declaration (variable_declaration (simple_identifier) @qualifier) (getter "get" @name (function_body) @body) @function)

(property_declaration (variable_declaration (simple_identifier) @qualifier) (setter "set" @name (function_body) @body) @function)

(_ (property_declaration (variable_declaration (simple_identifier) @qualifier)) . (getter "get" @name (function_body) @body) @function)

(_ (property_declaration (variable_declaration (simple_identifier) @qualifier)) . (setter "set" @name (function_body) @body) @function)

(_
  (property_declaration (variable_declaration (simple_identifier) @qualifier))
  .
  (getter)
  .
  (setter "set" @name (function_body) @body) @function)

; Closures bound to names.

(property_declaration (variable_declaration (simple_identifier) @name) "=" . (lambda_literal) @body) @function

(property_declaration (variable_declaration (simple_identifier) @name) "=" . (anonymous_function (function_body) @body)) @function

(class_declaration (type_identifier) @name) @scope

(object_declaration (type_identifier) @name) @scope

(companion_object (type_identifier) @name) @scope

((companion_object "object" @name . (class_body)) @scope (#set! format "Companion"))

(enum_entry (simple_identifier) @name (class_body)) @scope

; An anonymous object is called what begins it.
((object_literal (delegation_specifier) @name) @scope (#set! format "object : {name}"))

; Layout.

[(line_comment) (multiline_comment)] @comment

(string_literal) @verbatim

[
  (statements)
  (class_body)
  (enum_class_body)
] @indent

(class_body ["{" "}"] @outdent)

(enum_class_body ["{" "}"] @outdent)

; Deeper with all it holds than what it stands in.
(when_entry) @indent

[
  (when_entry)
  (getter)
  (setter)
  (catch_block)
  (finally_block)
  "else"
  "}"
] @line

; What annotations and modifiers stand above.
(modifiers (_) @line)

["fun" "class" "interface"] @line

(property_declaration (binding_pattern_kind) @line)

(do_while_statement "while" @line)

(source_file (_) @line)

(import_list (_) @line)

(statements (_) @line)

(class_body (_) @line)

(enum_class_body (_) @line)

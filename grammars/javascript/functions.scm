; inherits: ecmascript
; Fields, classes and JSX.

(field_definition property: [(property_identifier) (private_property_identifier)] @name value: [
  (arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]) @function

[(class_declaration name: (identifier) @name) (class name: (identifier) @name)] @scope

(field_definition property: (_) @name value: [(object) (class !name)]) @scope

(jsx_element) @indent

(jsx_opening_element "<" @outdent)
(jsx_closing_element "</" @outdent)

(jsx_element [(jsx_element) (jsx_self_closing_element) (jsx_expression)] @line)

(method_definition (decorator) . (_) @line)
(method_definition (decorator) ["static" "async" "get" "set" "*"] @line)

; inherits: ecmascript
; Fields, namespaces, classes and types.

(public_field_definition name: [(property_identifier) (private_property_identifier)] @name value: [
  (arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)]) @function

(class_body (decorator) @prefix) ; stands beside the method that it belongs to

[(class_declaration name: (type_identifier) @name) (abstract_class_declaration name: (type_identifier) @name) (class name: (type_identifier) @name)] @scope

[(internal_module name: (_) @name) (module name: [(identifier) (nested_identifier)] @name)] @scope

(public_field_definition name: (_) @name value: [(object) (class !name)]) @scope

; `{ ... } as const` and `{ ... } satisfies T`.
(variable_declarator name: (identifier) @name value: [(as_expression . (object)) (satisfies_expression . (object))]) @scope

(export_statement "default" @name value: [(as_expression . (object)) (satisfies_expression . (object))]) @scope

[(interface_body) (object_type) (enum_body)] @indent

(interface_body ["{" "}"] @outdent)
(object_type ["{" "}"] @outdent)
(enum_body ["{" "}"] @outdent)

(interface_body (_) @line)
(object_type (_) @line)
(enum_body (_) @line)

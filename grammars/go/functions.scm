(function_declaration name: (identifier) @name body: (block) @body) @function

; A method is called by its receiver's type, without its star and type parameters.

(method_declaration
  receiver: (parameter_list
    (parameter_declaration
      type: [
        (type_identifier) @qualifier
        (generic_type type: (type_identifier) @qualifier)
        (pointer_type (type_identifier) @qualifier)
        (pointer_type (generic_type type: (type_identifier) @qualifier))
        (parenthesized_type (type_identifier) @qualifier)
        (parenthesized_type (pointer_type (type_identifier) @qualifier))
      ]))
  name: (field_identifier) @name
  body: (block) @body) @function

(method_declaration name: (field_identifier) @name body: (block) @body) @function

; Closures bound to names.

(short_var_declaration
  left: (expression_list . (identifier) @name .)
  right: (expression_list . (func_literal body: (block) @body) .)) @function

(assignment_statement
  left: (expression_list . (identifier) @name .)
  right: (expression_list . (func_literal body: (block) @body) .)) @function

(var_spec name: (identifier) @name value: (expression_list . (func_literal body: (block) @body) .)) @function

(var_declaration (var_spec name: (identifier) @name value: (expression_list . (func_literal body: (block) @body) .))) @function

; Layout.

(comment) @comment

(raw_string_literal) @verbatim

[
  (block)
  (literal_value)
  (field_declaration_list)
  (interface_type)
  (import_spec_list)
  (var_spec_list)
  (expression_case)
  (type_case)
  (default_case)
  (communication_case)
] @indent

(block "}" @outdent)

(literal_value ["{" "}"] @outdent)

(field_declaration_list "}" @outdent)

(interface_type "}" @outdent)

(import_spec_list ")" @outdent)

(var_spec_list ")" @outdent)

; Deeper with all they hold than what they stand in, where that is a list.

(const_declaration "(" (const_spec) @indent)

(const_declaration "(" (const_spec) @line)

(const_declaration ")" @line)

(type_declaration "(" (type_spec) @indent)

(type_declaration "(" (type_spec) @line)

(type_declaration ")" @line)

(expression_switch_statement "}" @line)

(type_switch_statement "}" @line)

(select_statement "}" @line)

(expression_case "case" @outdent)

(type_case "case" @outdent)

(default_case "default" @outdent)

(communication_case "case" @outdent)

(source_file (_) @line)

(statement_list (_) @line)

(labeled_statement (_) @line)

(literal_value (_) @line)

(field_declaration_list (_) @line)

(interface_type (_) @line)

(import_spec_list (_) @line)

(var_spec_list (_) @line)

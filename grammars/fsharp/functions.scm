; What is a function, and what gives it its name. Capture names are explained in grammars/README.md. Functions that are recursive
; together (`let rec f ... and g ...`) are one node of the grammar and one chunk, named by the first.

(declaration_expression (attributes) (function_or_value_defn . (function_declaration_left [(identifier) (op_identifier) (active_pattern)] @name . (argument_patterns)) @header)) @function

(function_or_value_defn . (function_declaration_left [(identifier) (op_identifier) (active_pattern)] @name . (argument_patterns)) @header) @function

(function_or_value_defn . (value_declaration_left (identifier_pattern (long_identifier_or_op) @name)) @header [(fun_expression) (function_expression)]) @function

(member_defn (method_or_prop_defn name: (property_or_ident method: (_) @name) args: (_) @header)) @function

(member_defn (method_or_prop_defn name: (property_or_ident . [(identifier) (op_identifier)] @name .) args: (_) @header)) @function

(member_defn (method_or_prop_defn name: (property_or_ident method: (_) @name) @header !args)) @function

(member_defn (method_or_prop_defn name: (property_or_ident . [(identifier) (op_identifier)] @name .) @header !args)) @function

(member_defn (additional_constr_defn "new" @name @header)) @function

[
  (module_defn (identifier) @name)
  (anon_type_defn (type_name type_name: (_) @name))
  (record_type_defn (type_name type_name: (_) @name))
  (union_type_defn (type_name type_name: (_) @name))
  (type_extension (type_name type_name: (_) @name))
  (interface_type_defn (type_name type_name: (_) @name))
] @scope

; What normalisation needs: where comments and strings lie, and where lines begin and are indented. Attributes and #if stay.

[(line_comment) (block_comment)] @comment

[(string) (triple_quoted_string) (verbatim_string) (format_string) (format_triple_quoted_string)] @verbatim

[
  (module_defn) (anon_type_defn) (record_type_defn) (union_type_defn) (type_extension) (method_or_prop_defn) (member_defn)
  (for_expression) (while_expression) (try_expression) (preproc_if)
  (interface_implementation) (object_expression)
] @indent

(function_or_value_defn body: (_) @indent @line)
(fun_expression (_) @indent @line)
(rule block: (_) @indent @line)
(if_expression then: (_) @indent @line)
(if_expression else: (_) @indent @line)
(elif_expression then: (_) @indent @line)

[(module_defn) (anon_type_defn) (member_defn) (for_expression) (while_expression) (try_expression) (preproc_if) (interface_implementation)] @outdent
(try_expression ["with" "finally"] @outdent)
(preproc_if "#endif" @outdent)
(preproc_else) @outdent

(file (_) @line)
(namespace (_) @line)
(named_module (_) @line)
(module_defn (_) @line)
(type_extension_elements) @line
(type_extension_elements (_) @line)
(interface_implementation (_) @line)
(object_expression (_) @line)
(function_or_value_defn) @line
(ce_expression block: (_) @indent @line)
(ce_expression "}" @line)
(method_or_prop_defn (_) @line)
(for_expression (_) @line)
(while_expression (_) @line)
(try_expression (_) @line)
(declaration_expression in: (_) @line)
(sequential_expression (_) @line)
(preproc_if (_) @line)
(preproc_else (_) @line)
(rules "|" @line)

[(elif_expression) (attributes)] @line
(if_expression "else" @line)
(function_or_value_defn "and" @line)

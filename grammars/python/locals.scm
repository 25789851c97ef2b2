; Which names are a function's own, so that no prediction hangs on what its author called them. Captures: grammars/README.md.

(identifier) @name

(parameters (identifier) @local)
(lambda_parameters (identifier) @local)
(default_parameter name: (identifier) @local)
(typed_parameter (identifier) @local)
(typed_default_parameter name: (identifier) @local)
(list_splat_pattern (identifier) @local)
(dictionary_splat_pattern (identifier) @local)
(assignment left: (identifier) @local)
(augmented_assignment left: (identifier) @local)
(pattern_list (identifier) @local)
(tuple_pattern (identifier) @local)
(list_pattern (identifier) @local)
(for_statement left: (identifier) @local)
(for_in_clause left: (identifier) @local)
(named_expression name: (identifier) @local)
(as_pattern_target (identifier) @local)
(as_pattern_target (_ (identifier) @local))
(case_pattern (dotted_name . (identifier) @local .))
(keyword_pattern (dotted_name . (identifier) @local .))
(splat_pattern (identifier) @local)
(as_pattern (case_pattern) (identifier) @local)

; What others know by its name keeps it, and so does a local of the same name.
(function_definition name: (identifier) @known)
(class_definition name: (identifier) @known)
(module (assignment left: (identifier) @known right: (lambda)))
(import_statement name: (dotted_name . (identifier) @known))
(import_from_statement name: (dotted_name (identifier) @known))
(aliased_import alias: (identifier) @known)
(global_statement (identifier) @known)

; No variables, whatever they are called.
(attribute attribute: (identifier) @member)
(dotted_name (identifier) (identifier) @member)
(import_from_statement module_name: (dotted_name (identifier) @member))
(relative_import (dotted_name (identifier) @member))
(aliased_import name: (dotted_name (identifier) @member))
(keyword_argument name: (identifier) @member)
(keyword_pattern . (identifier) @member)

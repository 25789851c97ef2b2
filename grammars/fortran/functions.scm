; What is a function, and what gives it its name. Capture names are explained in grammars/README.md. What an interface block declares
; has no body, so a procedure counts where it stands in a file, behind `contains`, or in a branch of the preprocessor.

(translation_unit [
  (subroutine (subroutine_statement name: (_) @name) @header)
  (function (function_statement name: (_) @name) @header)
] @function)

(internal_procedures [
  (subroutine (subroutine_statement name: (_) @name) @header)
  (function (function_statement name: (_) @name) @header)
  (module_procedure (module_procedure_statement name: (_) @name) @header)
] @function)

(preproc_ifdef [
  (subroutine (subroutine_statement name: (_) @name) @header)
  (function (function_statement name: (_) @name) @header)
] @function)

(preproc_if [
  (subroutine (subroutine_statement name: (_) @name) @header)
  (function (function_statement name: (_) @name) @header)
] @function)

(preproc_else [
  (subroutine (subroutine_statement name: (_) @name) @header)
  (function (function_statement name: (_) @name) @header)
] @function)

[
  (module (module_statement (name) @name))
  (submodule (submodule_statement (name) @name))
] @scope

(program (program_statement (name) @name)) @scope

; What normalisation needs: where comments and strings lie, and where lines begin and are indented.

(comment) @comment

(string_literal) @verbatim

[
  (module) (submodule) (program) (subroutine) (function) (module_procedure) (interface) (derived_type_definition)
  (do_loop_statement) (if_statement) (select_case_statement) (select_type_statement) (case_statement) (type_statement)
  (where_statement) (forall_statement) (associate_statement) (block_construct)
] @indent

[
  (module) (submodule) (program) (subroutine) (function) (module_procedure) (interface) (derived_type_definition)
  (do_loop_statement) (if_statement) (select_case_statement) (select_type_statement) (case_statement) (type_statement)
  (where_statement) (forall_statement) (associate_statement) (block_construct)
  (contains_statement) (elseif_clause) (else_clause) (elsewhere_clause)
  (end_module_statement) (end_submodule_statement) (end_program_statement) (end_subroutine_statement) (end_function_statement)
  (end_module_procedure_statement) (end_interface_statement) (end_type_statement) (end_do_loop_statement) (end_if_statement)
  (end_select_statement) (end_where_statement) (end_forall_statement) (end_associate_statement) (end_block_construct_statement)
] @outdent

(translation_unit (_) @line)
(module (_) @line)
(submodule (_) @line)
(program (_) @line)
(subroutine (_) @line)
(function (_) @line)
(module_procedure (_) @line)
(internal_procedures (_) @line)
(interface (_) @line)
(derived_type_definition (_) @line)
(derived_type_procedures (_) @line)
(do_loop_statement (_) @line)
(if_statement (_) @line)
(elseif_clause (_) @line)
(else_clause (_) @line)
(elsewhere_clause (_) @line)
(where_statement (_) @line)
(case_statement (_) @line)
(type_statement (_) @line)
(associate_statement (_) @line)
(block_construct (_) @line)
(preproc_if (_) @line)
(preproc_ifdef (_) @line)
(preproc_else (_) @line)
[(preproc_if) (preproc_ifdef)] @line
(preproc_if "#endif" @line)
(preproc_ifdef "#endif" @line)

; What is a function, and what gives it its name. Capture names are explained in grammars/README.md. A body begins with its brace:
; the grammar gives a forward declaration the rest of the file as one.

((subroutine_declaration_statement name: (_) @name @keyword body: (block . "{") @body) @function (#set! keyword ".*::.*") (#set! absolute))

(subroutine_declaration_statement name: (_) @name body: (block . "{") @body) @function

(method_declaration_statement name: (_) @name body: (block . "{") @body) @function

; An anonymous sub counts where a statement binds it to a plain name.

(expression_statement (assignment_expression
  left: [(variable_declaration variable: (scalar) @name) (scalar) @name]
  right: (anonymous_subroutine_expression body: (block) @body))) @function

((expression_statement (assignment_expression
  left: (glob (varname) @name @keyword)
  right: (anonymous_subroutine_expression body: (block) @body))) @function (#set! keyword "\\w*::[\\w:]+") (#set! absolute))

((expression_statement (assignment_expression
  left: (glob (varname) @name @keyword)
  right: (anonymous_subroutine_expression body: (block) @body))) @function (#set! keyword "[\\w:]+"))

; Moose's modifiers: around name => sub { ... }

((ambiguous_function_call_expression
  function: (function) @keyword @qualifier
  . [(autoquoted_bareword) (string_literal)] @name
  . (anonymous_subroutine_expression body: (block) @body)) @function
  (#set! keyword "around|before|after|override|augment") (#set! format "{name} ({qualifier})"))

; A package goes on to the next one, or is a block.

[(package_statement name: (package) @name (block) @within) (class_statement name: (package) @name (block) @within)] @section

(block [(package_statement name: (package) @name . ";") (class_statement name: (package) @name . ";")] @section) @within

(block_statement [(package_statement name: (package) @name . ";") (class_statement name: (package) @name . ";")] @section) @within

[(package_statement name: (package) @name) (class_statement name: (package) @name)] @section

; What normalisation needs: where comments and strings lie, and where lines begin and are indented. What follows __END__ is data.

[(comment) (pod) (eof_marker) (data_section)] @comment

[(string_literal) (interpolated_string_literal) (command_string) (match_regexp) (substitution_regexp) (quoted_word_list) (quoted_regexp)] @verbatim

(heredoc_content) @heredoc

[(block) (block_statement) (anonymous_hash_expression) (anonymous_array_expression)] @indent

(block ["{" "}"] @outdent)
(block_statement ["{" "}"] @outdent)
(anonymous_hash_expression ["{" "}"] @outdent)
(anonymous_array_expression ["[" "]"] @outdent)

(source_file (_) @line)
(block (_) @line)
(block_statement (_) @line)
(anonymous_hash_expression (list_expression (_) @line))
(anonymous_array_expression (list_expression (_) @line))

[(elsif) (else)] @line

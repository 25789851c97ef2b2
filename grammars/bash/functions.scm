; What is a function, and what gives it its name. Capture names are explained in grammars/README.md.

(function_definition name: (word) @name body: (_) @body) @function

; What normalisation needs: where comments and strings lie, and where lines begin and are indented.

(comment) @comment

[(string) (raw_string) (ansi_c_string) (translated_string) (heredoc_redirect)] @verbatim

[(compound_statement) (subshell) (do_group) (if_statement) (case_statement) (case_item)] @indent

(compound_statement ["{" "}"] @outdent)
(subshell ["(" ")"] @outdent)
(do_group ["do" "done"] @outdent)
(if_statement ["if" "then" "fi"] @outdent)
(elif_clause ["elif" "then"] @outdent)
(else_clause "else" @outdent)
(case_statement ["case" "esac"] @outdent)
(case_item . value: (_) @outdent)
(case_item . "(" @outdent)

(program (_) @line)
(compound_statement (_) @line)
(subshell (_) @line)
(do_group (_) @line)
(if_statement (_) @line)
(elif_clause (_) @line)
(else_clause (_) @line)
(case_item (_) @line)
(case_item [";;" ";&" ";;&"] @line)

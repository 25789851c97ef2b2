; What is a function, and what gives it its name. Capture names are explained in grammars/README.md. Names are Ruby's own:
; A::B#instance, A::B.singleton.

((singleton_class body: (body_statement (method name: (_) @name parameters: (_) @header) @function)) (#set! separator "."))

((singleton_class body: (body_statement (method name: (_) @name @header !parameters) @function)) (#set! separator "."))

((method name: (_) @name parameters: (_) @header) @function (#set! separator "#"))

((method name: (_) @name @header !parameters) @function (#set! separator "#"))

((singleton_method object: (self) name: (_) @name parameters: (_) @header) @function (#set! separator "."))

((singleton_method object: (self) name: (_) @name @header !parameters) @function (#set! separator "."))

((singleton_method object: [(identifier) (constant)] @qualifier name: (_) @name parameters: (_) @header) @function
  (#set! format "{qualifier}.{name}"))

((singleton_method object: [(identifier) (constant)] @qualifier name: (_) @name @header !parameters) @function
  (#set! format "{qualifier}.{name}"))

((call method: (identifier) @keyword arguments: (argument_list . [(simple_symbol) @name (string (string_content) @name)] .) @header block: (_)) @function
  (#set! keyword "define_method") (#set! separator "#"))

((call method: (identifier) @keyword arguments: (argument_list . [(simple_symbol) @name (string (string_content) @name)] .) @header block: (_)) @function
  (#set! keyword "define_singleton_method") (#set! separator "."))

(assignment left: [(identifier) (constant) (instance_variable) (class_variable) (global_variable)] @name right: (lambda)) @function

((assignment left: [(identifier) (constant) (instance_variable) (class_variable) (global_variable)] @name
  right: (call !receiver method: (identifier) @keyword block: (_))) @function (#set! keyword "lambda|proc"))

((assignment left: [(identifier) (constant) (instance_variable) (class_variable) (global_variable)] @name
  right: (call receiver: (constant) @keyword method: (identifier) block: (_))) @function (#set! keyword "Proc"))

[(class name: (_) @name) (module name: (_) @name)] @scope

; Struct.new(...) do, Class.new do, Data.define(...) do

(assignment left: (constant) @name right: (call receiver: (constant) block: (_))) @scope

; What normalisation needs: where comments and strings lie, and where lines begin and are indented. What follows __END__ is data.

[(comment) (uninterpreted)] @comment

[(string) (heredoc_body) (subshell) (regex) (bare_string)] @verbatim

[(body_statement) (block_body) (do) (block) (hash) (array) (begin) (begin_block) (end_block)] @indent
[(begin_block) (end_block)] @outdent
(if consequence: (then) @indent)
(unless consequence: (then) @indent)
(elsif consequence: (then) @indent)
(when body: (then) @indent)
(in_clause body: (then) @indent)
(if (else) @indent @outdent)
(unless (else) @indent @outdent)
(elsif (else) @indent @outdent)
(case (else) @indent @outdent)
(case_match (else) @indent @outdent)

(body_statement [(rescue) (else) (ensure)] @outdent)
(begin ["begin" "end" (rescue) (else) (ensure)] @outdent)
(do ["do" "end"] @outdent)
(block ["{" "}"] @outdent)
(hash ["{" "}"] @outdent)
(array ["[" "]"] @outdent)
(begin_block "}" @outdent)
(end_block "}" @outdent)

(program (_) @line)
(body_statement (_) @line)
(block_body (_) @line)
(then (_) @line)
(do (_) @line)
(begin (_) @line)
(else (_) @line)
(ensure (_) @line)
(hash (_) @line)
(array (_) @line)

["end" (when) (in_clause) (elsif) (else) (rescue) (ensure)] @line

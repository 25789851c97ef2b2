; What is a function, and what gives it its name. Capture names are explained in grammars/README.md. A method is called `TFoo.Bar` by
; its own header. Headers without a body (interface sections, forward, external) are none.

(defProc header: (declProc name: (_) @name) @header body: (_)) @function

(assignment lhs: (_) @name rhs: (lambda body: (_) @body)) @function

; What normalisation needs: where comments and strings lie, and where lines begin and are indented. Compiler directives {$...} are
; nodes of their own and stay.

(comment) @comment

[
  (block) (asm) (declClass) (declSection) (declUses) (declTypes) (declConsts) (declVars) (declEnum) (case) (caseCase) (try) (repeat) (initialization) (finalization) (declIntf)
] @indent

[(case) (try) (repeat) (declTypes) (declConsts) (declVars) (declSection) (declUses) (caseCase) (initialization) (finalization)] @outdent
(defProc (defProc) @indent)
(block [(kBegin) (kEnd)] @outdent)
(asm [(kAsm) (kEnd)] @outdent)
(declClass (kEnd) @outdent)
(declIntf (kEnd) @outdent)
(case [(kElse) (kEnd)] @outdent)
(try [(kExcept) (kFinally) (kElse) (kEnd)] @outdent)
(repeat (kUntil) @outdent)

(root (_) @line)
(unit (_) @line)
(program (_) @line)
(library (_) @line)
(interface (_) @line)
(implementation (_) @line)
(initialization (_) @line)
(finalization (_) @line)
(block (_) @line)
(statements (_) @line)
(case (_) @line)
(try (_) @line)
(declClass (_) @line)
(declIntf (_) @line)
(declSection (_) @line)
(declTypes (_) @line)
(declConsts (_) @line)
(declVars (_) @line)
(asmBody (_) @line)
(defProc (defProc) @line)

(pp) @line
(ifElse (kElse) @line)

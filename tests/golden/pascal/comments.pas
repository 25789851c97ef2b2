{ block
  procedure No; begin end; }
unit Comments;
(* older
   style *)
interface
implementation
// Adds.
function Add(A: Integer; { first }
  B: Integer): Integer; // second
begin
  { inside }
  Add := A + B; (* done *)
  // trailing
end;
end.

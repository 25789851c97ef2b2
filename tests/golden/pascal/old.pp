program Old;
type
  Stack = object
    Top: Integer;
    constructor Init;
    procedure Push(X: Integer);
  end;
constructor Stack.Init;
begin
  Top := 0
end;
procedure Stack.Push;
begin
  Inc(Top)
end;
var
  S: Stack;
begin
  S.Init;
  S.Push(1)
end.

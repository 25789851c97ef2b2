unit Broken;
interface
implementation
procedure Sound;
begin
  WriteLn(1);
end;
procedure Bad(X: Integer;
begin
  WriteLn((X;
end;
procedure Fine;
begin
  WriteLn(2);
end;
end.

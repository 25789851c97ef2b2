program Anonymous;
var
  Double: TFunc<Integer, Integer>;
procedure Each(F: TProc<Integer>);
begin
  F(1);
end;
begin
  Double := function(X: Integer): Integer
    begin
      Result := 2 * X;
    end;
  Each(procedure(X: Integer) begin WriteLn(X); end);
end.

program Nested;

procedure Outer(N: Integer);
var
  Sum: Integer;

  procedure Add(X: Integer);
    function Twice(Y: Integer): Integer;
    begin
      Twice := 2 * Y;
    end;
  begin
    Sum := Sum + Twice(X);
  end;

begin
  Sum := 0;
  while N > 0 do
  begin
    Add(N);
    Dec(N);
  end;
end;

begin
  Outer(3);
end.

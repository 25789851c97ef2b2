program Sums;

const
  Limit = 10;
var
  I, N: Integer;

procedure Show(X: Integer);
begin
  WriteLn(X);
end;

function Square(X: Integer): Integer; inline;
begin
  Square := X * X;
end;

begin
  for I := 1 to Limit do
    Show(Square(I));
end.

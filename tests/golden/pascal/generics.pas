unit Lists;
{$mode objfpc}
interface
type
  generic TList<T> = class
    FItems: array of T;
    procedure Add(const Item: T);
  end;
  TPoint = record
    X, Y: Double;
    class operator + (A, B: TPoint): TPoint;
  end;
implementation
procedure TList.Add(const Item: T);
begin
  Insert(Item, FItems, 0);
end;
class operator TPoint.+ (A, B: TPoint): TPoint;
begin
  Result.X := A.X + B.X;
end;
operator := (R: Integer) Z: TPoint;
begin
  Z.X := R;
end;
end.

{ Licence }
unit Cart;

{$mode objfpc}{$H+}

interface

uses
  SysUtils, Classes;

type
  TItems = array of Integer;

  { TCart }
  TCart = class(TObject)
  private
    FItems: TItems;
    function GetCount: Integer;
  public
    constructor Create(const AItems: TItems);
    destructor Destroy; override;
    procedure Add(Item: Integer); virtual;
    class function Make: TCart; static;
    property Count: Integer read GetCount;
  end;

function Total(Cart: TCart): Integer;

implementation

function TCart.GetCount: Integer;
begin
  Result := Length(FItems); // all
end;

constructor TCart.Create(const AItems: TItems);
begin
  inherited Create;
  FItems := AItems;
end;

destructor TCart.Destroy;
begin
  inherited;
end;

procedure TCart.Add(Item: Integer);
var
  N: Integer;
begin
  N := Length(FItems);
  SetLength(FItems, N + 1);
  FItems[N] := Item;
end;

class function TCart.Make: TCart;
begin
  Result := TCart.Create(nil);
end;

function Total(Cart: TCart): Integer;
var
  I: Integer;
begin
  Result := 0;
  for I := 0 to High(Cart.FItems) do
    Result := Result + Cart.FItems[I];
end;

initialization
  Randomize;
finalization
  CleanUp;
end.

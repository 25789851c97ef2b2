unit Types1;
interface
type
  TColor = (Red, Green, Blue);
  TColors = set of TColor;
  PNode = ^TNode;
  TNode = record
    Next: PNode;
    case Kind: Boolean of
      True: (I: Integer);
      False: (D: Double);
  end;
  IShape = interface
    ['{00000000-0000-0000-0000-000000000000}']
    function Area: Double;
  end;
  TCallback = procedure(Sender: TObject) of object;
var
  Root: PNode = nil;
resourcestring
  SEmpty = 'empty';
implementation
end.

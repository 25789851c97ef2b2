unit Directives;
interface
implementation
{$IFDEF WINDOWS}
procedure Show;
begin
  WinShow;
end;
{$ELSE}
procedure Show;
begin
  UnixShow;
end;
{$ENDIF}
{$R-}
function Fast(X: Integer): Integer;
begin
  {$PUSH}{$Q-}
  Result := X * X;
  {$POP}
end;
{$R+}
end.

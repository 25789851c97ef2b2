unit Lists;
interface
implementation

Function TList.First: TObject; {$ifdef CLASSESINLINE}inline;{$endif}
begin
  Result := Items[0];
end;

procedure TList.Delete(Index: Integer); {$IFDEF INLINED} inline; {$ENDIF INLINED}
begin
  Remove(Index);
end;
end.

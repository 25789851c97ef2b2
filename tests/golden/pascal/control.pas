program Control;
procedure Run(X: Integer);
label Finish;
begin
  if X = 1 then
    One
  else if X = 2 then
  begin
    Two;
  end
  else
    Three;
  case X of
    1, 2: Few;
    3..5:
      begin
        Some;
      end;
  else
    Many;
  end;
  repeat
    Step;
  until Done;
  with Rec do
    Field := 1;
  try
    try
      Risky;
    except
      on E: EConvertError do
        WriteLn(E.Message);
      on E: Exception do raise;
    end;
  finally
    Close;
  end;
  goto Finish;
  Finish:
  Exit;
end;
begin
end.
